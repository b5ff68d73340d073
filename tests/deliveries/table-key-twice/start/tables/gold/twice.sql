/*---
description = "What came"
key = ["day"]
partition = "day"
---*/
select day from silver.orders

/*---
description = "What came"
key = ["day", "id"]
partition = "day"
---*/
select day, id from silver.ordres

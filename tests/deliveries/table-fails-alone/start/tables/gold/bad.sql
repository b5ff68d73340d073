/*---
description = "What came"
key = ["day"]
partition = "day"
---*/
select day, cast(id as integer) as number
from silver.orders

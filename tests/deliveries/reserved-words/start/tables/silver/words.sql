/*---
description = "What came"
key = ["day", "order"]
partition = "day"
---*/
select _partition as day, "order"::integer as "order", "group", "select"
from bronze.words

/*---
description = "What came"
key = ["day"]
partition = "day"
---*/
select day, number
from gold.bad

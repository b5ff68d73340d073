/*---
description = "What came"
key = ["day"]
partition = "day"
---*/
select day, cast(1 as tinyint) as small, cast(1.5 as float) as ratio, cast(moment as timestamp) as plain, [1, 2] as flags, {'a': 1} as thing
from silver.orders

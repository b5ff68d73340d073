/*---
description = "Names of codes"
key = ["code"]
kind = "history"
as_of = "day"
---*/
select code, name, _partition as day
from bronze.names

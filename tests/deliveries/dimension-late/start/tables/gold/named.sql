/*---
description = "What came"
key = ["day", "id"]
partition = "day"
---*/
select day, id, names.name
from silver.orders
left join silver.names
    on code = note and day >= valid_from and (valid_to is null or day < valid_to)

/*---
description = "One order"
key = ["day", "id"]
partition = "day"
---*/
select
    _partition as day,
    id,
    moment::timestamptz as moment,
    amount::decimal(18,2) as amount,
    note as "ID"
from bronze.orders

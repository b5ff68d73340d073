/*---
description = "One order"
key = ["day", "id"]
partition = "day"
limit = 0.1
---*/
select
    _partition as day,
    id,
    moment::timestamptz as moment,
    amount::decimal(18,2) as amount,
    note
from bronze.orders

/*---
description = "One order"
key = ["day", "id"]
partition = "day"

[rules]
"amount is a letter" = "length(chr(amount::integer)) = 1"
---*/
select
    _partition as day,
    id,
    moment::timestamptz as moment,
    amount::decimal(18,2) as amount,
    chr(note::integer) || '' as letter
from bronze.orders

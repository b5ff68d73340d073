/*---
description = "Orders of a day"
key = ["day"]
partition = "day"
---*/
select day, count(*) as orders, cast(sum(amount) as decimal(18,2)) as amount
from silver.orders
group by day

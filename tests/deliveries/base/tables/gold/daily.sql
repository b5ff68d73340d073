/*---
description = "Orders of a day"
key = ["day"]
partition = "day"
---*/
select day, count(*) as orders, sum(amount) as amount
from silver.orders
group by day

/*---
description = "Orders and revenue of each country and day, by currency"
key = ["ordered_on", "country", "currency"]
partition = "ordered_on"
---*/
select
    ordered_on,
    country,
    currency,
    count(*) as orders,
    count(distinct customer_id) as customers,
    sum(amount) as revenue
from silver.sales
group by all

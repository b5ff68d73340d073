/*---
description = "Revenue of each segment and month, by currency"
key = ["month", "segment", "currency"]
---*/
select
    date_trunc('month', ordered_on)::date as month,
    segment,
    currency,
    count(*) as orders,
    sum(amount) as revenue
from silver.sales
group by all

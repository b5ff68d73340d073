/*---
description = "The numbers of gold.orders_hour by the files of the app"
like = "gold.orders_hour"
inputs = {"silver.orders" = "silver.orders_day"}
---*/

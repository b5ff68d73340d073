/*---
description = "The same orders by the files of the app, which come later and know all of them"
like = "silver.orders"
inputs = {"bronze.orders" = "bronze.orders_day"}
---*/

/*---
descripton = "x"
key = ["day", "id"]
partition = "day"
---*/
select day, id from silver.orders

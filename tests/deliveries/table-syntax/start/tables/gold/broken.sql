/*---
description = "What came"
key = ["day", "id"]
partition = "day"
---*/
select day, from where

-- Gives every bronze row its meaning: one row out for each row in, typed, with the reason if it
-- could not be read. This is the pipeline's one step in SQL, because `try_cast` types text
-- without stopping at the first bad value.
--
-- The pipeline needs these columns; all others are yours:
--   batch, source, file, line, raw, ingested_at   where the row came from, passed through
--   ds        the day of the event: silver and gold are partitioned by it
--   key       what makes two rows the same thing
--   version   of two rows with one key the greater version wins
--   reason    why the row cannot be used, else null
with named as (
    select
        *,
        json_extract_string(fields, '$.order_id') as order_id,
        json_extract_string(fields, '$.customer_id') as customer_id,
        json_extract_string(fields, '$.ordered_at') as ordered_text,
        json_extract_string(fields, '$.updated_at') as updated_text,
        json_extract_string(fields, '$.country') as country,
        json_extract_string(fields, '$.amount') as amount_text,
        json_extract_string(fields, '$.currency') as currency
    from bronze
    where source = 'shop'
    union all
    select
        *,
        json_extract_string(fields, '$.id'),
        json_extract_string(fields, '$.buyer.id'),
        json_extract_string(fields, '$.placed_at'),
        json_extract_string(fields, '$.changed_at'),
        json_extract_string(fields, '$.ship_to.country'),
        json_extract_string(fields, '$.total.value'),
        json_extract_string(fields, '$.total.currency')
    from bronze
    where source = 'marketplace'
),

typed as (
    select
        *,
        try_cast(ordered_text as timestamptz) as ordered_at,
        try_cast(updated_text as timestamptz) as updated_at,
        try_cast(amount_text as decimal(18, 2)) as amount,
        -- A cast rounds: more decimals than money has are a misreading, not a number to round.
        try_cast(amount_text as decimal(38, 10)) as exact_amount
    from named
),

judged as (
    select
        *,
        case
            when problem is not null then problem
            when coalesce(order_id, '') = '' then 'order id is missing'
            when coalesce(customer_id, '') = '' then 'customer id is missing'
            -- The range also refuses 'infinity', which is a timestamp and has no day.
            when not coalesce(ordered_at between '2000-01-01' and '2100-01-01', false)
                then 'order time is not a timestamp'
            when not coalesce(updated_at between '2000-01-01' and '2100-01-01', false)
                then 'update time is not a timestamp'
            when coalesce(country, '') = '' then 'country is missing'
            when not coalesce(amount = exact_amount, false) then 'amount is not a number with two decimals'
            when coalesce(currency, '') = '' then 'currency is missing'
        end as reason
    from typed
)

select
    batch,
    source,
    file,
    line,
    raw,
    ingested_at,
    reason,
    case when ordered_at between '2000-01-01' and '2100-01-01' then cast(ordered_at as date) end as ds,
    concat(source, ':', order_id) as key,
    updated_at as version,
    order_id,
    customer_id,
    ordered_at,
    upper(country) as country,
    amount,
    upper(currency) as currency
from judged

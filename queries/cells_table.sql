-- grain: one item of one indicator in one profile (wave, stratum and every dimension).
-- Sums over the respondents of the item's base; all of them add up over profiles.
create or replace table cells (
    indicator varchar not null,
    item varchar not null,
    profile_id bigint not null,
    n bigint not null,       -- respondents in the base
    n_y bigint not null,     -- of them, with y other than 0
    w double not null,       -- sum of weights
    w2 double not null,      -- sum of squared weights
    wy double not null,      -- sum of w·y
    w2y double not null,     -- sum of w²·y
    w2y2 double not null     -- sum of w²·y²
);

-- The owner's database: respondents and their answers, by wave. The view `answers` has one column a
-- question, so its columns follow the codebook, as those of `responses` do (answers.sql).

-- grain: one wave
create table if not exists waves (
    year smallint primary key,
    file varchar not null,
    sha256 varchar not null,
    provenance varchar not null check (provenance in ('survey', 'synthetic')),
    weighted boolean not null,
    stratified boolean not null
);

-- grain: one combination of wave, stratum and every dimension that some respondent has
create table if not exists profiles (
    profile_id bigint primary key,
    year smallint not null,
    stratum varchar not null,
    levels map(varchar, varchar) not null
);

-- grain: one respondent of one wave
create table if not exists respondents (
    respondent_id bigint not null,
    source_id varchar not null,
    year smallint not null,
    profile_id bigint not null,
    weight double not null check (weight > 0)
);

-- grain: one respondent with answers. Where the answers to a question are a list, the column has the
-- number of a way to answer: lists take room and time, and many respondents have the same.
create table if not exists responses (respondent_id bigint not null, year smallint not null);

-- grain: one list of answers to one question, in one wave: items that are ticked, or rated
create table if not exists ways (
    way bigint not null,
    year smallint not null,
    question varchar not null,
    items varchar[],
    ratings struct(item varchar, "value" double)[]
);

-- grain: one item of an indicator that the questionnaire of a wave asked, itself or below it
create table if not exists asked (
    indicator varchar not null,
    item varchar not null,
    year smallint not null
);

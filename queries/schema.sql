-- The owner's database: respondents and their answers, by wave. One column of `answers` holds one
-- question, so its columns follow the codebook (answers.sql).

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

-- grain: one respondent with answers
create table if not exists answers (respondent_id bigint not null, year smallint not null);

-- grain: one item of an indicator that the questionnaire of a wave asked, itself or below it
create table if not exists asked (
    indicator varchar not null,
    item varchar not null,
    year smallint not null
);

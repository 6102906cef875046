-- The cells of one indicator. grain: one item in one profile
select item, profile_id, n, w, w2, wy, w2y, w2y2, n_y from cells where indicator = $indicator

#include "job.h"

int catalog_summary(struct catalog *c, struct catalog_summary *ret, struct error *err)
{
    AUTO_SQL struct sql q = SQL_INIT;
    *ret = (struct catalog_summary){ .live = 0 };
    if (sql_open(&q, c,
                 "SELECT sum(n) FILTER (WHERE deleted = 0),"
                 " sum(n) FILTER (WHERE deleted = 1),"
                 " sum(n) FILTER (WHERE deleted = 0 AND ai_generated = 1),"
                 " sum(bytes) FILTER (WHERE deleted = 0),"
                 " sum(n) FILTER (WHERE deleted = 0 AND storage_provider = 'local'),"
                 " sum(n) FILTER (WHERE deleted = 0 AND storage_provider = 'cloudinary'),"
                 " (SELECT count(*) FROM transfers), (SELECT count(*) FROM removals),"
                 " (SELECT count(*) FROM jobs WHERE " JOB_IS_OPEN ")"
                 " FROM image_counts", err) < 0 ||
        sql_step(&q, err) < 0) {
        return -1;
    }
    *ret = (struct catalog_summary){
        .live = sql_int(&q, 0),
        .deleted = sql_int(&q, 1),
        .ai = sql_int(&q, 2),
        .bytes = sql_int(&q, 3),
        .local = sql_int(&q, 4),
        .cloudinary = sql_int(&q, 5),
        .transfers = sql_int(&q, 6),
        .removals = sql_int(&q, 7),
        .jobs = sql_int(&q, 8),
    };
    return 0;
}

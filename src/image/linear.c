#include "linear.h"

#include <math.h>
#include <pthread.h>

static struct linear_tables tables;

static void fill(void)
{
    for (int i = 0; i < 256; i++) {
        double v = i / 255.0;
        float a = (float)v;
        float light = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
        tables.red[i] = (linear_pixel){ light, 0, 0, 1 };
        tables.green[i] = (linear_pixel){ 0, light, 0, 0 };
        tables.blue[i] = (linear_pixel){ 0, 0, light, 0 };
        tables.alpha[i] = (linear_pixel){ a, a, a, a };
    }
    for (int i = 0; i <= LINEAR_STEPS; i++) {
        double v = (double)i / LINEAR_STEPS;
        v = v <= 0.0031308 ? v * 12.92 : 1.055 * pow(v, 1 / 2.4) - 0.055;
        tables.byte[i] = (uint8_t)lround(v * 255);
    }
}

const struct linear_tables *linear_tables(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, fill);
    return &tables;
}

#include "interrupt.h"

#include <stddef.h>

static void (*volatile teller)(void *what);
static void *volatile told;
static volatile sig_atomic_t first, count;

static const int signals[INTERRUPT_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

static void caught(int number)
{
    void (*tell)(void *what) = teller;
    first = first ? first : number;
    count++;
    if (tell) {
        tell(told);
    }
}

void interrupt_begin(struct interrupt *i, void (*tell)(void *what), void *what)
{
    struct sigaction action = { .sa_handler = caught };
    first = count = 0;
    told = what;
    teller = tell;
    sigemptyset(&action.sa_mask);
    for (size_t k = 0; k < INTERRUPT_SIGNALS; k++) {
        sigaction(signals[k], NULL, &i->before[k]);
        if (i->before[k].sa_handler != SIG_IGN) {
            sigaction(signals[k], &action, NULL);
        }
    }
}

void interrupt_end(const struct interrupt *i)
{
    teller = NULL;
    for (size_t k = 0; k < INTERRUPT_SIGNALS; k++) {
        sigaction(signals[k], &i->before[k], NULL);
    }
}

int interrupt_signal(void)
{
    return first;
}

int interrupt_count(void)
{
    return count;
}

void interrupt_die(void)
{
    signal(first, SIG_DFL);
    raise(first);
}

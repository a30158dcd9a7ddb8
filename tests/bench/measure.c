/*
 * measure - run a command with its output thrown away, and print the seconds of
 * processor and of the clock that it took and its largest KiB of memory.
 *
 * Being small matters: what is started counts the memory of its parent as its own
 * until it has replaced it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    double begin = now();
    struct rusage used;
    int status;
    pid_t child = argc > 1 ? fork() : -1;
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &used) < 0 || status != 0) {
        return 1;
    }
    printf("%.4f %.4f %ld\n", seconds(used.ru_utime) + seconds(used.ru_stime),
           now() - begin, used.ru_maxrss);
    return 0;
}

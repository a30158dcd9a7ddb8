/*
 * measure - run a command with its output thrown away, and print the seconds of
 * processor and of the clock that it took and the KiB of its largest process.
 * Children that outlive it are waited for and counted.
 *
 * Being small matters: what is started counts the memory of its parent as its own
 * until it has replaced it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/prctl.h>
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
    double processor = 0;
    long largest = 0;
    struct rusage used;
    int status, failed = argc < 2;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t child = argc > 1 ? fork() : -1;
    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        dup2(null, 1);
        dup2(null, 2);
        execvp(argv[1], argv + 1);
        _exit(127);
    }
    double end = begin;
    for (pid_t ended; (ended = wait4(-1, &status, 0, &used)) > 0;) {
        processor += seconds(used.ru_utime) + seconds(used.ru_stime);
        largest = used.ru_maxrss > largest ? used.ru_maxrss : largest;
        if (ended == child) {
            end = now();
            failed = status != 0;
        }
    }
    printf("%.4f %.4f %ld\n", processor, end - begin, largest);
    return failed;
}

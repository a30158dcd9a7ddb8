/*
 * What a decoder may ask the kernel for. All else ends the process.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "guard.h"

#if defined __x86_64__
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined __aarch64__
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#endif

#if defined __SANITIZE_ADDRESS__
#define WATCHED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(undefined_behavior_sanitizer)
#define WATCHED 1
#endif
#endif

bool guard_is_watched(void)
{
#ifdef WATCHED
    return true;
#else
    return false;
#endif
}

/* The sanitizers call the kernel as they like. */
#if defined WATCHED || !defined ARCHITECTURE

bool guard_confine(void)
{
    return false;
}

#else

#define LOAD(field)                                                                      \
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define KILL BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS)
#define REFUSE BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EBADF)
#define ALLOW_CALL(name) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 1), ALLOW

/* Of arguments the low half is looked at, which comes first: both architectures are
 * little-endian. */

/* The answer goes out, nothing else: the picture's file may be open for writing. That is
 * no reason to die; want of memory is told on standard error (mem.h). */
#define ALLOW_ANSWER                                                                 \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_write, 0, 4),                           \
    LOAD(args[0]),                                                                   \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, GUARD_SOCKET, 1, 0), REFUSE, ALLOW

/* Memory may be asked for, but none that can be executed, ... */
#define ALLOW_WITHOUT_EXEC(name)                                                     \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##name, 0, 4),                          \
    LOAD(args[2]),                                                                   \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1), KILL, ALLOW

/* ... nor is a file. */
#define ALLOW_OWN_MEMORY                                                             \
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_mmap, 0, 6),                            \
    LOAD(args[2]),                                                                   \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 2, 0),                           \
    LOAD(args[3]),                                                                   \
    BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, MAP_SHARED, 0, 1), KILL, ALLOW

bool guard_confine(void)
{
    struct sock_filter rules[] = {
        LOAD(arch),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0),
        KILL,
        LOAD(nr),
        ALLOW_CALL(read),
        ALLOW_CALL(pread64),
        ALLOW_CALL(recvmsg),
        ALLOW_CALL(close),
        ALLOW_CALL(munmap),
        ALLOW_CALL(mremap),
        ALLOW_CALL(madvise),
        ALLOW_CALL(brk),
        ALLOW_CALL(futex),
        ALLOW_CALL(getrandom),
        ALLOW_CALL(sched_yield),
        ALLOW_CALL(rt_sigreturn),
        ALLOW_CALL(exit),
        ALLOW_CALL(exit_group),
        ALLOW_ANSWER,
        ALLOW_OWN_MEMORY,
        ALLOW_WITHOUT_EXEC(mprotect),
        KILL,
    };
    struct sock_fprog program = { sizeof rules / sizeof *rules, rules };
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#endif

#include "place.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "imgctl/mem.h"

/* Not in linux/magic.h of every kernel. */
#define CIFS_MAGIC 0xff534d42UL
#define SMB2_MAGIC 0xfe534d42UL
#define CEPH_MAGIC 0x00c36400UL
#define LUSTRE_MAGIC 0x0bd00bd0UL
#define BEEGFS_MAGIC 0x19830326UL
#define GPFS_MAGIC 0x47504653UL
#define FUSE_MAGIC 0x65735546UL

/* PATH is not there: is a -wal file left of it? */
static int look_for_rest(const char *path, struct error *err)
{
    AUTO_FREE char *wal = mem_printf("%s-wal", path);
    struct stat st;
    if (stat(wal, &st) < 0 || st.st_size == 0 || stat(path, &st) == 0) {
        return 0;
    }
    error_set(err, ERROR_CATALOG, "the catalog %s is gone, but its log %s is still there",
              path, wal);
    return error_hint(err, "put the catalog back beside it; to start an empty one"
                           " instead, move the log away");
}

int place_look(const char *path, struct error *err)
{
    struct stat st;
    if (stat(path, &st) < 0) {
        if (errno != ENOENT) {
            return error_errno(err, ERROR_CATALOG, "cannot use the catalog %s", path);
        }
        return look_for_rest(path, err) < 0 ? -1 : stat(path, &st) == 0;
    }
    if (!S_ISREG(st.st_mode)) {
        return error_set(err, ERROR_CATALOG, "the catalog %s is %s, not a file", path,
                         S_ISDIR(st.st_mode) ? "a folder" : "a device or a pipe");
    }
    if (st.st_size == 0) {
        error_set(err, ERROR_CATALOG, "the catalog %s is an empty file", path);
        return error_hint(err, "put its copy back, or remove the file to start anew");
    }
    return 1;
}

const char *place_network_name(unsigned long type)
{
    switch (type & 0xffffffffUL) {
    case NFS_SUPER_MAGIC:
        return "NFS";
    case SMB_SUPER_MAGIC:
    case CIFS_MAGIC:
    case SMB2_MAGIC:
        return "SMB";
    case AFS_SUPER_MAGIC:
    case AFS_FS_MAGIC:
        return "AFS";
    case CODA_SUPER_MAGIC:
        return "Coda";
    case NCP_SUPER_MAGIC:
        return "NCP";
    case V9FS_MAGIC:
        return "9P";
    case CEPH_MAGIC:
        return "Ceph";
    case LUSTRE_MAGIC:
        return "Lustre";
    case BEEGFS_MAGIC:
        return "BeeGFS";
    case GPFS_MAGIC:
        return "GPFS";
    default:
        return NULL;
    }
}

bool place_mount_type(FILE *mounts, dev_t device, char *type, size_t size)
{
    char line[4096];
    bool starts = true; /* a longer line comes in pieces */
    while (fgets(line, sizeof line, mounts)) {
        bool is_start = starts;
        unsigned major_number, minor_number;
        starts = strchr(line, '\n') != NULL;
        if (!is_start ||
            sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) != 2 ||
            makedev(major_number, minor_number) != device) {
            continue;
        }
        const char *dash = strstr(line, " - ");
        if (dash) {
            snprintf(type, size, "%.*s", (int)strcspn(dash + 3, " \n"), dash + 3);
            return true;
        }
    }
    return false;
}

bool place_is_network_type(const char *type)
{
    static const char *const types[] = {
        "fuse.sshfs", "fuse.rclone", "fuse.s3fs", "fuse.goofys", "fuse.gcsfuse",
        "fuse.mount-s3", "fuse.glusterfs", "fuse.davfs", "fuse.davfs2", "fuse.curlftpfs",
        "fuse.smbnetfs", "fuse.gvfsd-fuse", "fuse.ceph", "fuse.ceph-fuse", "fuse.juicefs",
        "fuse.kio-fuse", "fuse.google-drive-ocamlfuse", "fuse.blobfuse2",
        "fuse.seaweedfs",
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* FUSE carries both local and remote file systems: the mount table knows which. */
static bool is_network_fuse(const char *path, char *type, size_t size)
{
    struct stat st;
    FILE *mounts = fopen("/proc/self/mountinfo", "re");
    if (!mounts) {
        return false;
    }
    bool found = stat(path, &st) == 0 && place_mount_type(mounts, st.st_dev, type, size);
    fclose(mounts);
    return found && place_is_network_type(type);
}

int place_check(const char *path, struct error *err)
{
    struct statfs fs;
    char type[64];
    if (statfs(path, &fs) < 0) {
        return error_errno(err, ERROR_CATALOG, "cannot use the catalog %s", path);
    }
    unsigned long magic = (unsigned long)fs.f_type;
    const char *name = place_network_name(magic);
    if (!name && magic == FUSE_MAGIC && is_network_fuse(path, type, sizeof type)) {
        name = type;
    }
    if (!name) {
        return 0;
    }
    error_set(err, ERROR_CATALOG, "the catalog %s is on a network file system (%s), where"
              " several processes cannot share it safely", path, name);
    return error_hint(err, "keep it on a local disk: --catalog or IMGCTL_CATALOG");
}

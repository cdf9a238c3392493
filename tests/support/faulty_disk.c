/* A disk that fails at a test's word, laid under a program by LD_PRELOAD.
 *
 * The file that FAULTY_DISK names holds "<call> <part of a path>": as long as it is there, that call fails with EIO on
 * every file whose path has that part. "hang <call> <part of a path>": such a call does not come back before the file is
 * gone. Calls: fdatasync, fsync, pwrite, rename (by its target), open (for reading).
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum order { GO_ON, FAIL, HANG };

static enum order order_for(const char *call, const char *path) {
  const char *order = getenv("FAULTY_DISK");
  char text[256];
  if (!order) return GO_ON;
  long file = syscall(SYS_openat, AT_FDCWD, order, O_RDONLY | O_CLOEXEC);
  if (file < 0) return GO_ON;
  long length = syscall(SYS_read, file, text, sizeof text - 1);
  syscall(SYS_close, file);
  if (length <= 0) return GO_ON;
  text[length] = 0;
  int hangs = strncmp(text, "hang ", 5) == 0;
  char *word = text + (hangs ? 5 : 0);
  char *part = strchr(word, ' ');
  if (!part) return GO_ON;
  *part++ = 0;
  if (strcmp(word, call) != 0 || strstr(path, part) == NULL) return GO_ON;
  return hangs ? HANG : FAIL;
}

static int fails(const char *call, const char *path) {
  enum order order;
  while ((order = order_for(call, path)) == HANG) usleep(10000);
  return order == FAIL;
}

static int fails_at(const char *call, int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  long length = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return fails(call, path);
}

#define REFUSE do { errno = EIO; return -1; } while (0)
#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int fdatasync(int file) {
  if (fails_at("fdatasync", file)) REFUSE;
  return REAL(fdatasync)(file);
}

int fsync(int file) {
  if (fails_at("fsync", file)) REFUSE;
  return REAL(fsync)(file);
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) {
  if (fails_at("pwrite", file)) REFUSE;
  return REAL(pwrite)(file, bytes, count, at);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  if (fails_at("pwrite", file)) REFUSE;
  return REAL(pwrite64)(file, bytes, count, at);
}

int rename(const char *from, const char *to) {
  if (fails("rename", to)) REFUSE;
  return REAL(rename)(from, to);
}

int open64(const char *path, int flags, ...) {
  mode_t mode = 0;
  if (flags & (O_CREAT | O_TMPFILE)) {
    va_list more;
    va_start(more, flags);
    mode = va_arg(more, mode_t);
    va_end(more);
  }
  if ((flags & O_ACCMODE) == O_RDONLY && fails("open", path)) REFUSE;
  return REAL(open64)(path, flags, mode);
}

int open(const char *path, int flags, ...) __attribute__((alias("open64")));

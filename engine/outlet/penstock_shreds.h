/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Penstock hands to other processes of this host: datagrams, or accepted shreds, in shared memory. This
 * is the whole interface; copy the header into your program. C11 with _GNU_SOURCE, or C++17; gcc or clang;
 * Linux 5.1; no library.
 *
 *   struct penstock_shreds in;
 *   int error = penstock_shreds_open(&in, "/run/penstock/shreds");     // 0 or -errno
 *   for (;;) {
 *     struct penstock_shred about;
 *     unsigned char payload[PENSTOCK_SHREDS_CHUNK];
 *     if (penstock_shreds_next(&in, &about, payload)) use(payload, about.length);
 *     else if (!penstock_shreds_alive(&in)) break;                     // the engine has gone: open again
 *     else pause_a_little();
 *   }
 *   penstock_shreds_close(&in);
 *
 * The engine never waits. A reader that falls a whole ring behind is overrun: it goes on with what is there,
 * and in.lost says exactly how many it has missed. What next() returns was whole, or it is counted as lost.
 *
 * The ring can only be read: the kernel refuses any other mapping of it (F_SEAL_FUTURE_WRITE). A reader tells
 * the engine how far it is in a page of its own, which nobody else sees; what it writes there appears in the
 * engine's metrics and has no other effect. A reader may crash, stop or come back at any time.
 *
 * Thread safety: one reader, one thread. Any number of readers, up to the engine's limit (16).
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef F_GET_SEALS
#error "define _GNU_SOURCE before the first #include"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): a C interface, with the names of C */

#define PENSTOCK_SHREDS_MAGIC 0x53445248534e4550ull /* "PENSHRDS" */
#define PENSTOCK_SHREDS_VERSION 1u                  /* of the layout; another one is another layout */
#define PENSTOCK_SHREDS_CHUNK 2048u                 /* bytes of a payload's place */

/* The first page of the ring. All integers are the host's own; offsets are from the start. */
struct penstock_shreds_header {
  uint64_t magic;
  uint32_t version;
  uint32_t chunk_bytes;
  uint64_t depth;         /* lines, a power of two; one more chunk than that */
  uint64_t lines_offset;  /* of struct penstock_shreds_line[depth] */
  uint64_t chunks_offset; /* of the payloads */
  uint64_t total_bytes;
  uint64_t reserved[2];
  uint64_t next; /* what the engine publishes next: in a cache line of its own, changes all the time */
};

/* One published payload; it is whole as long as `sequence` says what it said before it was read. */
struct penstock_shreds_line {
  uint64_t sequence;
  uint64_t words[3]; /* struct penstock_shred */
};

struct penstock_shred {
  uint64_t taken_ns;         /* CLOCK_MONOTONIC when it was published here */
  uint32_t chunk;            /* where its payload lies */
  uint32_t source_address;   /* IPv4, network order; 0 where it is not known: IPv6, accepted shreds */
  uint16_t source_port;      /* host order; 0 likewise */
  uint16_t destination_port; /* host order; 0 for accepted shreds */
  uint16_t length;           /* of the payload */
  uint16_t flags;            /* PENSTOCK_SHRED_... */
};

/* Without either of these it is any datagram of the engine's ports. */
#define PENSTOCK_SHRED_ACCEPTED 1u /* proven by the shred stage */
#define PENSTOCK_SHRED_REBUILT 2u  /* never came: rebuilt from 32 proven members of its FEC set */

/* The reader's own page. */
struct penstock_shreds_position {
  uint64_t next;
  uint64_t lost;
};

struct penstock_shreds {
  uint64_t next; /* the sequence that is read next */
  uint64_t lost; /* payloads that were overwritten before they could be read */
  const struct penstock_shreds_header* header;
  const struct penstock_shreds_line* lines;
  const unsigned char* chunks;
  struct penstock_shreds_position* position;
  size_t bytes;
  int connection;
};

static inline void penstock_shreds_close(struct penstock_shreds* in) {
  if (in->header) munmap((void*)in->header, in->bytes);
  if (in->position) munmap(in->position, 4096);
  if (in->connection >= 0) close(in->connection);
  memset(in, 0, sizeof(*in));
  in->connection = -1;
}

/* The two descriptors that the engine sends to whoever connects: the ring, and the reader's page. */
static inline int penstock_shreds_receive(int connection, int fds[2]) {
  char byte;
  struct iovec text = {&byte, 1};
  union {
    char bytes[CMSG_SPACE(2 * sizeof(int))];
    struct cmsghdr align;
  } control;
  struct msghdr message;
  struct cmsghdr* part;
  memset(&message, 0, sizeof(message));
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof(control.bytes);
  ssize_t got = recvmsg(connection, &message, MSG_CMSG_CLOEXEC);
  if (got < 0) return -errno;
  part = CMSG_FIRSTHDR(&message);
  if (got == 0 || !part || part->cmsg_type != SCM_RIGHTS || part->cmsg_len != CMSG_LEN(2 * sizeof(int)))
    return -ECONNREFUSED; /* the engine has no room for another reader */
  memcpy(fds, CMSG_DATA(part), 2 * sizeof(int));
  return 0;
}

static inline int penstock_shreds_map(struct penstock_shreds* in, int ring, int page) {
  struct stat size;
  const int wanted = F_SEAL_SHRINK | F_SEAL_GROW;
  if (fstat(ring, &size) != 0 || size.st_size < 4096) return -EPROTO;
  if ((fcntl(ring, F_GET_SEALS) & wanted) != wanted) return -EPROTO; /* it could vanish under our hands */
  void* area = mmap(NULL, (size_t)size.st_size, PROT_READ, MAP_SHARED, ring, 0);
  if (area == MAP_FAILED) return -errno;
  in->bytes = (size_t)size.st_size;
  in->header = (const struct penstock_shreds_header*)area;
  const struct penstock_shreds_header* h = in->header;
  if (h->magic != PENSTOCK_SHREDS_MAGIC || h->version != PENSTOCK_SHREDS_VERSION ||
      h->chunk_bytes != PENSTOCK_SHREDS_CHUNK || h->depth == 0 || (h->depth & (h->depth - 1)) != 0 ||
      h->total_bytes != in->bytes || h->lines_offset + h->depth * sizeof(*in->lines) > h->chunks_offset ||
      h->chunks_offset + (h->depth + 1) * h->chunk_bytes > in->bytes)
    return -EPROTO; /* another version of Penstock */
  in->lines = (const struct penstock_shreds_line*)((const char*)area + h->lines_offset);
  in->chunks = (const unsigned char*)area + h->chunks_offset;
  void* mine = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, page, 0);
  if (mine == MAP_FAILED) return -errno;
  in->position = (struct penstock_shreds_position*)mine;
  in->next = __atomic_load_n(&h->next, __ATOMIC_ACQUIRE);
  return 0;
}

/*
 * `path`: where the engine listens (`[outlet] socket`); one that begins with '@' is abstract. Reading begins
 * with what is published next. Returns 0 or a negative errno: -ENOENT or -ECONNREFUSED when no engine is
 * there, or it has no room for another reader; -EPROTO when it is not of this version.
 */
static inline int penstock_shreds_open(struct penstock_shreds* in, const char* path) {
  struct sockaddr_un address;
  int fds[2], error;
  const size_t length = strlen(path);
  memset(in, 0, sizeof(*in));
  in->connection = -1;
  memset(&address, 0, sizeof(address));
  address.sun_family = AF_UNIX;
  if (length == 0 || length >= sizeof(address.sun_path)) return -ENAMETOOLONG;
  memcpy(address.sun_path, path, length);
  const int abstract = path[0] == '@';
  if (abstract) address.sun_path[0] = 0;
  in->connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (in->connection < 0) return -errno;
  if (connect(in->connection, (const struct sockaddr*)&address,
              (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length + (abstract ? 0 : 1))) != 0)
    error = -errno;
  else
    error = penstock_shreds_receive(in->connection, fds);
  if (error == 0) {
    error = penstock_shreds_map(in, fds[0], fds[1]);
    close(fds[0]);
    close(fds[1]);
  }
  if (error != 0) penstock_shreds_close(in);
  return error;
}

/*
 * The next payload: 1, `about` filled and its bytes in `payload`, which has room for PENSTOCK_SHREDS_CHUNK;
 * or 0 when none is there yet. Overwritten ones are skipped and counted in in->lost.
 */
static inline int penstock_shreds_next(struct penstock_shreds* in, struct penstock_shred* about,
                                       unsigned char* payload) {
  const uint64_t depth = in->header->depth;
  for (;;) {
    const struct penstock_shreds_line* line = &in->lines[in->next & (depth - 1)];
    const uint64_t found = __atomic_load_n(&line->sequence, __ATOMIC_ACQUIRE);
    const int64_t ahead = (int64_t)(found - in->next);
    if (ahead < 0) return 0;
    if (ahead == 0) {
      uint64_t words[3];
      for (int i = 0; i < 3; ++i)
        words[i] = __atomic_load_n(&line->words[i], __ATOMIC_ACQUIRE);
      memcpy(about, words, sizeof(words));
      if (about->chunk <= depth && about->length <= PENSTOCK_SHREDS_CHUNK) {
        const uint64_t* from =
            (const uint64_t*)(const void*)(in->chunks + (size_t)about->chunk * PENSTOCK_SHREDS_CHUNK);
        for (size_t at = 0; at < about->length; at += 8) {
          const uint64_t word = __atomic_load_n(from + at / 8, __ATOMIC_ACQUIRE);
          memcpy(payload + at, &word, 8);
        }
        if (__atomic_load_n(&line->sequence, __ATOMIC_RELAXED) == in->next) {
          __atomic_store_n(&in->position->next, ++in->next, __ATOMIC_RELAXED);
          return 1;
        }
      }
      in->lost += 1; /* overwritten while it was read */
      in->next += 1;
    } else { /* the engine is a ring ahead: go on half a ring behind it */
      in->lost += found - depth / 2 - in->next;
      in->next = found - depth / 2;
    }
    __atomic_store_n(&in->position->lost, in->lost, __ATOMIC_RELAXED);
  }
}

/* Whether the engine still runs; what it published before its end can be read all the same. */
static inline int penstock_shreds_alive(struct penstock_shreds* in) {
  struct pollfd end = {in->connection, POLLRDHUP, 0};
  return poll(&end, 1, 0) == 0;
}

/* NOLINTEND(readability-identifier-naming): as at its beginning */

#ifdef __cplusplus
}
#endif

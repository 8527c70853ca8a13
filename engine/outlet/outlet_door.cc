// Listening, descriptors, hang-ups.
#include "engine/outlet/outlet_door.h"

#include <errno.h>
#include <linux/memfd.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace penstock {
namespace {

constexpr std::size_t kPage = 4096;

// A page that the reader may write, and cannot take away.
UniqueFd make_page() {
  UniqueFd page(memfd_create("penstock-reader", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!page || ftruncate(page.get(), kPage) != 0 ||
      fcntl(page.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return {};
  return page;
}

bool send_descriptors(int connection, const std::array<int, 2>& fds) {
  char byte = 'P';
  iovec text{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(fds))> control{};
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  part->cmsg_level = SOL_SOCKET;
  part->cmsg_type = SCM_RIGHTS;
  part->cmsg_len = CMSG_LEN(sizeof(fds));
  std::memcpy(CMSG_DATA(part), fds.data(), sizeof(fds));
  return sendmsg(connection, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

}  // namespace

Result<OutletDoor> OutletDoor::open(const std::string& path) {
  Result<UnixListener> listener = UnixListener::open(
      path, {.backlog = kMostReaders,
             .taken_fix = "another engine listens there: give each an outlet.socket of its own"});
  if (!listener) return fail("let readers in", listener.error());
  return OutletDoor(std::move(*listener));
}

OutletDoor::~OutletDoor() {
  for (Reader& reader : readers_)
    let_go(reader);
}

void OutletDoor::tend(int ring, std::uint64_t published, Counters& counters) {
  let_in(ring, counters);
  std::vector<Reader> stay;
  for (Reader& reader : readers_) {
    // The page is the reader's: it may hold anything, and a counter never goes back.
    const std::uint64_t said = std::atomic_ref(reader.position->lost).load(std::memory_order_relaxed);
    if (said > reader.lost && said <= published) lost_ += said - std::exchange(reader.lost, said);
    pollfd end{reader.connection.get(), POLLRDHUP, 0};
    if (::poll(&end, 1, 0) == 0) {
      stay.push_back(std::move(reader));
    } else {
      let_go(reader);
    }
  }
  readers_ = std::move(stay);
  counters.set(Counter::kOutletLost, lost_);
}

void OutletDoor::let_in(int ring, Counters& counters) {
  for (;;) {
    UniqueFd connection = listener_.accept();
    if (!connection) return;
    const UniqueFd page = readers_.size() < kMostReaders ? make_page() : UniqueFd();
    void* mine = page ? mmap(nullptr, kPage, PROT_READ, MAP_SHARED, page.get(), 0) : MAP_FAILED;
    Reader reader{std::move(connection), static_cast<penstock_shreds_position*>(mine)};
    if (mine == MAP_FAILED) {
      counters.add(Counter::kOutletRefused);
    } else if (!send_descriptors(reader.connection.get(), {ring, page.get()})) {
      counters.add(Counter::kOutletRefused);
      let_go(reader);
    } else {
      counters.add(Counter::kOutletReaders);
      readers_.push_back(std::move(reader));
    }
  }
}

void OutletDoor::let_go(Reader& reader) {
  munmap(reader.position, kPage);
  reader.connection = UniqueFd();
}

}  // namespace penstock

// Where readers of the outlet come in: a Unix socket. Who connects is sent two descriptors, the ring and a
// page of his own, and nothing else ever; what he sends is never read. The connection stays open, so that
// either side knows when the other has gone.
//
// The reader's page is sealed against shrinking before he gets it, or he could have the engine die by reading
// it.
//
// A path that begins with '@' is an abstract name: no file, no permissions, this network namespace. Otherwise
// the folder's permissions say who may read (engine/base/unix_listener.h).
//
// Thread safety: one thread. Never blocks.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/base/unix_listener.h"
#include "engine/metrics/counters.h"
#include "engine/outlet/penstock_shreds.h"

namespace penstock {

class OutletDoor {
 public:
  static constexpr std::size_t kMostReaders = 16;

  // Errors: EADDRINUSE where another engine listens; what keeps the file from being made.
  static Result<OutletDoor> open(const std::string& path);

  OutletDoor(OutletDoor&&) noexcept = default;
  OutletDoor& operator=(OutletDoor&&) = delete;
  ~OutletDoor();

  // Lets in who waits, lets go who has gone, and sums up what readers say that they lost, which cannot be
  // more than `published`. `ring`: what they get.
  void tend(int ring, std::uint64_t published, Counters& counters);

  std::size_t readers() const { return readers_.size(); }

 private:
  struct Reader {
    UniqueFd connection;
    penstock_shreds_position* position;
    std::uint64_t lost = 0;
  };

  explicit OutletDoor(UnixListener listener) : listener_(std::move(listener)) {}
  void let_in(int ring, Counters& counters);
  void let_go(Reader& reader);

  UnixListener listener_;
  std::vector<Reader> readers_;
  std::uint64_t lost_ = 0;  // by all readers, those that have gone too
};

}  // namespace penstock

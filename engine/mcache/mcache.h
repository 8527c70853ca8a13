// mcache: a ring of frag metadata from one producer to any number of consumers in other threads, or
// in other processes over shared memory. The producer never waits: a consumer that is too slow is
// overrun, notices it, counts exactly how many frags it lost, and goes on.
//
//   line (32 bytes)   | sequence u64 | metadata, 3 x u64 |
//   frag s lies in line s mod depth; while it is being written the line says s - 1
//
// Which frames are where (Firedancer's free-list trick). Where the metadata names a frame, every
// line is given one at the start, and publish() hands out the frame that the line held before: it
// goes back to a fill ring. So the array of lines is the list of the frames in consumers' hands:
// there is no allocator, memory is bounded, and publishing one frame sets exactly one free.
//
// Consumers read speculatively: take the metadata, copy what it names, and then ask whether the line
// still says the same. Only then are the metadata and the copy good:
//
//   while (consumer.poll(frag)) {
//     const auto copy = copy_speculatively(payload(frag), buffer);
//     if (consumer.accept()) use(copy);        // else: overrun, counted
//   }
//
// Memory order. All words are atomics, so there is no data race in the sense of C++ (tsan agrees).
//   publish: 1 sequence := s - 1   relaxed
//            2 words := ...        release
//            3 sequence := s       release
//            4 the displaced frame goes to the fill ring, whose producer index is stored with release
//   read:    5 sequence            acquire    is s?
//            6 words               acquire
//            7 the payload         acquire    (copy.h)
//            8 sequence            relaxed    still s?
//   5 sees 3: the words and the payload of s are visible. If 6 sees a word of a later frag, it
//   synchronises with 2, so that 1 happens before 8: 8 cannot say s. If 7 sees a byte of whoever
//   fills the displaced frame anew, that happens after 4 and so after 1: 8 cannot say s. On x86-64
//   each of these is a plain move; the orders only keep the compiler from moving them.
//
// Metadata that accept() has not confirmed may be torn: bound it before it names memory.
//
// Exactness: every frag published after a consumer's start is either accepted or counted in lost()
// by that consumer, never both, once it has caught up.
//
// Thread safety: one thread per McacheProducer, of which there is one per ring; one thread per
// McacheConsumer. The lines are borrowed and must outlive both. They hold no pointers: a mapping that
// two processes share will do.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>

#include "engine/base/check.h"

namespace penstock {

struct alignas(32) McacheLine {
  static constexpr std::size_t kWords = 3;

  std::atomic<std::uint64_t> sequence;
  std::array<std::atomic<std::uint64_t>, kWords> words;
};
static_assert(sizeof(McacheLine) == 32 && std::atomic<std::uint64_t>::is_always_lock_free);

// What one consumer tells of itself, in a cache line of its own: read by the producer's side for
// metrics, by nobody on the way of a frag.
struct alignas(64) Fseq {
  std::atomic<std::uint64_t> next{0};  // the frag that it will read next
  std::atomic<std::uint64_t> lost{0};  // frags by which it was overrun
};

inline constexpr std::size_t kMinMcacheDepth = 4;

// What a frag's metadata may be: 24 bytes that can be copied as such.
template <typename Meta>
concept McacheMeta =
    sizeof(Meta) == McacheLine::kWords * sizeof(std::uint64_t) && std::is_trivially_copyable_v<Meta>;

namespace internal {

// Word by word, never through an array of words: gcc would move that by 16 bytes at a time, and a load of 16
// bytes waits for two stores of 8 to leave the store buffer.
template <McacheMeta Meta>
void store_meta(McacheLine& line, const Meta& meta) {
#pragma GCC unroll 3
  for (std::size_t i = 0; i < McacheLine::kWords; ++i) {
    std::uint64_t word;
    std::memcpy(&word, reinterpret_cast<const std::byte*>(&meta) + i * sizeof(word), sizeof(word));
    line.words[i].store(word, std::memory_order_release);
  }
}

template <McacheMeta Meta>
Meta load_meta(const McacheLine& line) {
  Meta meta;
#pragma GCC unroll 3
  for (std::size_t i = 0; i < McacheLine::kWords; ++i) {
    const std::uint64_t word = line.words[i].load(std::memory_order_acquire);
    std::memcpy(reinterpret_cast<std::byte*>(&meta) + i * sizeof(word), &word, sizeof(word));
  }
  return meta;
}

inline std::uint64_t mcache_mask(std::span<const McacheLine> lines) {
  PENSTOCK_CHECK(lines.size() >= kMinMcacheDepth && std::has_single_bit(lines.size()));
  return lines.size() - 1;
}

}  // namespace internal

template <McacheMeta Meta>
class McacheProducer {
 public:
  // Makes the ring empty: nothing is published, and the line of frag first + i holds initial(i), which
  // publish() will hand out for it. REQUIRES: a power of two of lines, at least 4; no consumer yet.
  template <typename Initial>
  McacheProducer(std::span<McacheLine> lines, Initial&& initial, std::uint64_t first = 0)
      : lines_(lines), mask_(internal::mcache_mask(lines)), next_(first) {
    for (std::uint64_t s = first; s != first + lines_.size(); ++s) {
      McacheLine& line = lines_[s & mask_];
      internal::store_meta<Meta>(line, initial(s - first));
      line.sequence.store(s - lines_.size(), std::memory_order_release);
    }
  }

  // Puts a frag into the next line and returns what that line held.
  Meta publish(const Meta& meta) {
    const std::uint64_t sequence = next_++;
    McacheLine& line = lines_[sequence & mask_];
    const Meta displaced = internal::load_meta<Meta>(line);
    line.sequence.store(sequence - 1, std::memory_order_relaxed);
    internal::store_meta(line, meta);
    line.sequence.store(sequence, std::memory_order_release);
    return displaced;
  }

  std::uint64_t next() const { return next_; }
  std::size_t depth() const { return lines_.size(); }

 private:
  std::span<McacheLine> lines_;
  std::uint64_t mask_;
  std::uint64_t next_;
};

template <McacheMeta Meta>
class McacheConsumer {
 public:
  // Starts with frag number `first`. `fseq` is borrowed.
  McacheConsumer(std::span<const McacheLine> lines, Fseq& fseq, std::uint64_t first = 0)
      : lines_(lines), mask_(internal::mcache_mask(lines)), next_(first), fseq_(&fseq) {
    show();
  }

  // Reads the next frag; false when it is not there yet. Frags that were overwritten before they were
  // read are counted and skipped. The same frag again until accept().
  bool poll(Meta& meta) {
    for (;;) {
      const McacheLine& line = lines_[next_ & mask_];
      const std::uint64_t found = line.sequence.load(std::memory_order_acquire);
      const auto ahead = static_cast<std::int64_t>(found - next_);
      if (ahead < 0) return false;
      if (ahead == 0) {
        meta = internal::load_meta<Meta>(line);
        return true;
      }
      // The producer is at `found` at least. Half a ring behind it the lines are whole, and it needs
      // half a ring to overrun us again. Never backwards: found >= next_ + depth - 1.
      skip_to(found - lines_.size() / 2);
    }
  }

  // The frag `ahead` places behind the one that poll() gave, when it is there already. A hint for
  // prefetching: never confirmed, perhaps torn.
  bool peek(std::uint64_t ahead, Meta& meta) const {
    const McacheLine& line = lines_[(next_ + ahead) & mask_];
    if (line.sequence.load(std::memory_order_acquire) != next_ + ahead) return false;
    meta = internal::load_meta<Meta>(line);
    return true;
  }

  // Ends the frag that poll() gave, and says whether it was whole until now: whether the metadata and
  // what was copied of its payload are good. Otherwise it is counted as lost.
  bool accept() {
    const bool whole = lines_[next_ & mask_].sequence.load(std::memory_order_relaxed) == next_;
    if (whole) {
      ++next_;
    } else {
      skip_to(next_ + 1);
    }
    return whole;
  }

  std::uint64_t next() const { return next_; }
  std::uint64_t lost() const { return lost_; }

  // Shows position and losses in the fseq: once a batch is enough.
  void show() {
    fseq_->next.store(next_, std::memory_order_relaxed);
    fseq_->lost.store(lost_, std::memory_order_relaxed);
  }

 private:
  void skip_to(std::uint64_t sequence) {
    lost_ += sequence - next_;
    next_ = sequence;
  }

  std::span<const McacheLine> lines_;
  std::uint64_t mask_;
  std::uint64_t next_;
  std::uint64_t lost_ = 0;
  Fseq* fseq_;
};

// Lines of one process's own memory.
class McacheMemory {
 public:
  explicit McacheMemory(std::size_t depth) : lines_(std::make_unique<McacheLine[]>(depth)), depth_(depth) {}

  std::span<McacheLine> lines() const { return {lines_.get(), depth_}; }

 private:
  std::unique_ptr<McacheLine[]> lines_;
  std::size_t depth_;
};

}  // namespace penstock

// What a receive path must deliver, given what Linux gave plain sockets of the same frames: the same, but for
// the declared exceptions (bpf/exceptions.toml), whose circumstances are found out here.
//
//   udp_checksum_bad    the fast path would take the frame, and its checksum is wrong: asked of the plain
//                       model of the classifier (which shares no code with it), and of arithmetic
//   payload_above_max   the payload's length
//   ipv6, slow_way      the datagram is not what the fast path would take of any of the frames
//
// Thread safety: immutable; pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/classify/classifier.h"
#include "sim/exceptions/exceptions.h"
#include "sim/oracle_fuzz/datagram.h"
#include "sim/oracle_fuzz/stage.h"

namespace penstock {

class Expectation {
 public:
  // The path as result.json names it; `options` are the receiver's.
  Expectation(std::string_view path, const ClassifierConfig& options, std::size_t max_payload,
              const ExceptionTable& table = ExceptionTable::declared());

  std::vector<Datagram> of(std::span<const FrameBytes> frames,
                           const std::vector<Datagram>& given_by_linux) const;

 private:
  struct Plain {
    Datagram datagram;
    bool checksum_bad;
  };
  std::vector<Plain> plain_of(std::span<const FrameBytes> frames) const;
  Circumstances circumstances_of(const Datagram& datagram) const;

  std::string_view path_;
  std::size_t max_payload_;
  Circumstances receiver_{};
  ClassifierConfig without_checksum_;
  const ExceptionTable& table_;
};

}  // namespace penstock

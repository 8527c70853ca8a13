// Messages between two processes over a SOCK_SEQPACKET socket: numbers, texts and descriptors, written in an
// order that the reader knows.
//
//   MessageWriter request;
//   request.number(7).text("eth0").descriptor(fd);
//   send_message(socket, request);
//
// Both processes are of one binary, so numbers are in the host's byte order: u32, and texts as their length
// and their bytes. A reader is given nothing that was not there: whoever sent it may have been taken over.
//
// Ownership: a writer borrows descriptors, which send_message() duplicates into the other process; a reader
// owns those that came. Thread safety: values; a socket's user on each side is one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

namespace penstock {

// Longer ones are not sent. A verifier's log is cut to kMostText.
inline constexpr std::size_t kMostMessageBytes = 64 << 10;
inline constexpr std::size_t kMostText = 16 << 10;
inline constexpr std::size_t kMostDescriptors = 64;

class MessageWriter {
 public:
  MessageWriter& number(std::uint32_t value);
  MessageWriter& text(std::string_view value);  // its first kMostText bytes
  MessageWriter& descriptor(int fd);

  std::string_view bytes() const { return bytes_; }
  const std::vector<int>& descriptors() const { return descriptors_; }

 private:
  std::string bytes_;
  std::vector<int> descriptors_;
};

class MessageReader {
 public:
  MessageReader() = default;
  MessageReader(std::string bytes, std::vector<UniqueFd> descriptors)
      : bytes_(std::move(bytes)), descriptors_(std::move(descriptors)) {}

  // Each gives the next one; 0, "" or none where the message has no more, and then good() is false for ever.
  std::uint32_t number();
  std::string text();
  UniqueFd descriptor();

  // All that was asked for was there.
  bool good() const { return good_; }

 private:
  std::string bytes_;
  std::vector<UniqueFd> descriptors_;
  std::size_t at_ = 0;
  std::size_t next_descriptor_ = 0;
  bool good_ = true;
};

// Errors: EPIPE when the other side has gone; EMSGSIZE.
Status send_message(int socket, const MessageWriter& message);
// Waits for one. Errors: EPIPE when the other side has gone; EMSGSIZE for one that is too long.
Result<MessageReader> receive_message(int socket);

// An error as numbers and texts, and back.
void write_error(const Error& error, MessageWriter& to);
Error read_error(MessageReader& from);

}  // namespace penstock

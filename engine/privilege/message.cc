// Bytes, and SCM_RIGHTS.
#include "engine/privilege/message.h"

#include <errno.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>

#include "engine/base/check.h"

namespace penstock {

MessageWriter& MessageWriter::number(std::uint32_t value) {
  bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  return *this;
}

MessageWriter& MessageWriter::text(std::string_view value) {
  const std::string_view kept = value.substr(0, kMostText);
  number(static_cast<std::uint32_t>(kept.size()));
  bytes_ += kept;
  return *this;
}

MessageWriter& MessageWriter::descriptor(int fd) {
  descriptors_.push_back(fd);
  return *this;
}

std::uint32_t MessageReader::number() {
  std::uint32_t value = 0;
  good_ = good_ && bytes_.size() - at_ >= sizeof(value);
  if (!good_) return 0;
  std::memcpy(&value, bytes_.data() + at_, sizeof(value));
  at_ += sizeof(value);
  return value;
}

std::string MessageReader::text() {
  const std::size_t bytes = number();
  good_ = good_ && bytes_.size() - at_ >= bytes;
  if (!good_) return "";
  return bytes_.substr(std::exchange(at_, at_ + bytes), bytes);
}

UniqueFd MessageReader::descriptor() {
  good_ = good_ && next_descriptor_ < descriptors_.size();
  return good_ ? std::move(descriptors_[next_descriptor_++]) : UniqueFd();
}

Status send_message(int socket, const MessageWriter& message) {
  const std::vector<int>& fds = message.descriptors();
  PENSTOCK_CHECK(fds.size() <= kMostDescriptors);
  if (message.bytes().size() > kMostMessageBytes) return fail("send a message", EMSGSIZE);
  iovec part{const_cast<char*>(message.bytes().data()), message.bytes().size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  if (!fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = CMSG_SPACE(fds.size() * sizeof(int));
    cmsghdr* const rights = CMSG_FIRSTHDR(&header);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(rights), fds.data(), fds.size() * sizeof(int));
  }
  ssize_t sent = 0;
  do
    sent = sendmsg(socket, &header, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent < 0 ? fail("send a message", errno) : Status{};
}

Result<MessageReader> receive_message(int socket) {
  std::string bytes(kMostMessageBytes, '\0');
  iovec part{bytes.data(), bytes.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(kMostDescriptors * sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t got = 0;
  do
    got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (got < 0) return fail("receive a message", errno == ECONNRESET ? EPIPE : errno);
  std::vector<UniqueFd> fds;
  for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
    if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_RIGHTS) continue;
    std::array<int, kMostDescriptors> came{};
    const std::size_t count = (one->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::memcpy(came.data(), CMSG_DATA(one), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i)
      fds.emplace_back(came[i]);
  }
  if (got == 0) return fail("receive a message: the other side has gone", EPIPE);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) return fail("receive a message", EMSGSIZE);
  bytes.resize(static_cast<std::size_t>(got));
  return MessageReader(std::move(bytes), std::move(fds));
}

void write_error(const Error& error, MessageWriter& to) {
  to.number(static_cast<std::uint32_t>(error.code)).text(error.what).text(error.fix);
}

Error read_error(MessageReader& from) {
  Error error;
  error.code = static_cast<int>(from.number());
  error.what = from.text();
  error.fix = from.text();
  return error;
}

}  // namespace penstock

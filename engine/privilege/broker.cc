// The engine's side: forking, and asking.
#include "engine/privilege/broker.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "engine/privilege/broker_request.h"
#include "engine/privilege/broker_server.h"
#include "engine/privilege/object_message.h"

namespace penstock {
namespace {

MessageWriter request_of(BrokerRequest kind) {
  MessageWriter request;
  request.number(static_cast<std::uint32_t>(kind));
  return request;
}

tl::unexpected<Error> cut_off() {
  return fail("ask the broker: its answer is cut off", EBADMSG);
}

}  // namespace

Result<std::unique_ptr<Broker>> Broker::start(const BrokerConfig& config) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return fail("make a socket for the broker", errno);
  UniqueFd ours(ends[0]), its(ends[1]);
  const pid_t engine = getpid();
  const pid_t pid = fork();
  if (pid < 0) return fail("start the broker", errno);
  if (pid == 0) serve_broker(std::move(its), engine, config);
  return std::unique_ptr<Broker>(new Broker(std::move(ours), pid));
}

Broker::~Broker() {
  socket_.reset();  // which ends it
  waitpid(pid_, nullptr, 0);
}

Result<MessageReader> Broker::ask(const MessageWriter& request) {
  Result<MessageReader> answer = [&]() -> Result<MessageReader> {
    if (Status s = send_message(socket_.get(), request); !s) return tl::unexpected(s.error());
    return receive_message(socket_.get());
  }();
  if (!answer) {
    Error error = answer.error();
    if (error.code == EPIPE)
      error = {"the broker, which holds the capabilities, has ended", EPIPE, "restart"};
    return tl::unexpected(std::move(error));
  }
  if (answer->number() == 1) return answer;
  Error error = read_error(*answer);
  if (!answer->good()) return cut_off();
  return tl::unexpected(std::move(error));
}

Result<UniqueFd> Broker::ask_descriptor(const MessageWriter& request) {
  Result<MessageReader> answer = ask(request);
  if (!answer) return tl::unexpected(answer.error());
  UniqueFd fd = answer->descriptor();
  if (!fd) return cut_off();
  return fd;
}

Result<UniqueFd> Broker::xsk_socket(const BusyPoll& busy_poll) {
  return ask_descriptor(
      request_of(BrokerRequest::kXskSocket).number(busy_poll.microseconds).number(busy_poll.budget));
}

Result<LoadedObject> Broker::load_receiver(Loader loader, const LoadedObject* keep) {
  MessageWriter request = request_of(BrokerRequest::kLoadReceiver);
  request.number(static_cast<std::uint32_t>(loader)).number(keep != nullptr ? 1 : 0);
  if (keep != nullptr) write_maps(*keep, request);
  Result<MessageReader> answer = ask(request);
  if (!answer) return tl::unexpected(answer.error());
  return read_object(*answer);
}

Result<UniqueFd> Broker::attach(int program, const XdpPlace& place) {
  return ask_descriptor(request_of(BrokerRequest::kAttach)
                            .descriptor(program)
                            .text(place.interface)
                            .number(place.interface_index)
                            .number(static_cast<std::uint32_t>(place.mode))
                            .number(static_cast<std::uint32_t>(place.filter)));
}

Status Broker::replace(int link, int running, int program) {
  const auto answer =
      ask(request_of(BrokerRequest::kReplace).descriptor(link).descriptor(running).descriptor(program));
  return answer ? Status{} : tl::unexpected(answer.error());
}

Result<TapHandle> Broker::make_tap(unsigned original_interface) {
  Result<MessageReader> answer = ask(request_of(BrokerRequest::kMakeTap).number(original_interface));
  if (!answer) return tl::unexpected(answer.error());
  TapHandle tap;
  tap.fd = answer->descriptor();
  tap.name = answer->text();
  tap.index = answer->number();
  if (!answer->good()) return cut_off();
  return tap;
}

Result<UniqueFd> Broker::hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes) {
  return ask_descriptor(request_of(BrokerRequest::kHoldUdpPort).number(port).number(buffer_bytes));
}

Result<UniqueFd> Broker::ask_fresh_doctor() {
  return ask_descriptor(request_of(BrokerRequest::kAskFreshDoctor));
}

}  // namespace penstock

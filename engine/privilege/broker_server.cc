// One function a request.
#include "engine/privilege/broker_server.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "engine/confine/confinement.h"
#include "engine/privilege/broker_request.h"
#include "engine/privilege/fresh_doctor.h"
#include "engine/privilege/object_message.h"
#include "engine/privilege/own_privileges.h"

namespace penstock {
namespace {

constexpr int kSocket = 3;  // where it is put, so that all behind it can be closed

class Server {
 public:
  explicit Server(const BrokerConfig& config) : config_(config) {}

  // What was made is kept until forget(): the answer is on its way meanwhile.
  Status answer(MessageReader& request, MessageWriter& answer) {
    switch (static_cast<BrokerRequest>(request.number())) {
      case BrokerRequest::kXskSocket:
        return xsk_socket(request, answer);
      case BrokerRequest::kLoadReceiver:
        return load_receiver(request, answer);
      case BrokerRequest::kAttach:
        return attach(request, answer);
      case BrokerRequest::kReplace:
        return replace(request);
      case BrokerRequest::kMakeTap:
        return make_tap(request, answer);
      case BrokerRequest::kHoldUdpPort:
        return hold_udp_port(request, answer);
      case BrokerRequest::kAskFreshDoctor:
        return ask_fresh_doctor(answer);
    }
    return bad();
  }

  // So that the engine's descriptor is the last: a link that the broker held as well would not end with it.
  void forget() {
    kept_fd_.reset();
    kept_object_ = LoadedObject();
  }

 private:
  static tl::unexpected<Error> bad() { return fail("understand a request to the broker", EBADMSG); }

  // Whether the interface of this index is the engine's, by its name of now.
  Status allow(unsigned interface_index) const {
    std::array<char, IF_NAMESIZE> name{};
    if (if_indextoname(interface_index, name.data()) == nullptr) return fail("find the interface", errno);
    const auto& ours = config_.interfaces;
    if (std::find(ours.begin(), ours.end(), name.data()) != ours.end()) return {};
    return fail(std::string("touch ") + name.data() + ", which is not the engine's interface", EPERM);
  }

  Status give(Result<UniqueFd> fd, MessageWriter& answer) {
    if (!fd) return tl::unexpected(fd.error());
    kept_fd_ = std::move(*fd);
    answer.descriptor(kept_fd_.get());
    return {};
  }

  Status xsk_socket(MessageReader& request, MessageWriter& answer) {
    BusyPoll busy_poll;
    busy_poll.microseconds = request.number();
    busy_poll.budget = request.number();
    return request.good() ? give(own_privileges()->xsk_socket(busy_poll), answer) : bad();
  }

  Status load_receiver(MessageReader& request, MessageWriter& answer) {
    const auto loader = static_cast<Loader>(request.number());
    const bool keeps = request.number() != 0;
    if (!request.good() || loader > Loader::kDirect) return bad();
    LoadedObject keep;
    if (keeps) {
      Result<LoadedObject> maps = read_maps(request);
      if (!maps) return tl::unexpected(maps.error());
      keep = std::move(*maps);
    }
    Result<LoadedObject> object = own_privileges()->load_receiver(loader, keeps ? &keep : nullptr);
    if (!object) return tl::unexpected(object.error());
    kept_object_ = std::move(*object);
    write_object(kept_object_, answer);
    return {};
  }

  Status attach(MessageReader& request, MessageWriter& answer) {
    const UniqueFd program = request.descriptor();
    XdpPlace place;
    place.interface = request.text();
    place.interface_index = request.number();
    place.mode = static_cast<AttachMode>(request.number());
    place.filter = static_cast<Filter>(request.number());
    if (!request.good() || place.mode > AttachMode::kGeneric || place.filter > Filter::kUserspace)
      return bad();
    if (Status s = allow(place.interface_index); !s) return s;
    return give(own_privileges()->attach(program.get(), place), answer);
  }

  static Status replace(MessageReader& request) {
    const UniqueFd link = request.descriptor(), running = request.descriptor();
    const UniqueFd program = request.descriptor();
    return request.good() ? own_privileges()->replace(link.get(), running.get(), program.get()) : bad();
  }

  Status make_tap(MessageReader& request, MessageWriter& answer) {
    const unsigned original_interface = request.number();
    if (!request.good()) return bad();
    if (Status s = allow(original_interface); !s) return s;
    Result<TapHandle> tap = own_privileges()->make_tap(original_interface);
    if (!tap) return tl::unexpected(tap.error());
    if (Status s = give(std::move(tap->fd), answer); !s) return s;
    answer.text(tap->name).number(tap->index);
    return {};
  }

  Status hold_udp_port(MessageReader& request, MessageWriter& answer) {
    const auto port = static_cast<std::uint16_t>(request.number());
    const std::uint32_t buffer_bytes = request.number();
    return request.good() ? give(own_privileges()->hold_udp_port(port, buffer_bytes), answer) : bad();
  }

  Status ask_fresh_doctor(MessageWriter& answer) {
    if (config_.listed) return fail("start a process: the broker is under its list of system calls", EPERM);
    doctor_.reset();
    Result<FreshDoctor> doctor = FreshDoctor::ask(config_.file);
    if (!doctor) return tl::unexpected(doctor.error());
    doctor_.emplace(std::move(*doctor));
    return give(doctor_->take_output(), answer);
  }

  const BrokerConfig& config_;
  UniqueFd kept_fd_;
  LoadedObject kept_object_;
  std::optional<FreshDoctor> doctor_;
};

// Signals to stop are for the engine, which a terminal or a service manager sends them to as well.
void prepare(UniqueFd socket, pid_t engine) {
  prctl(PR_SET_NAME, "pen-broker");
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != engine) _exit(0);  // it died before that
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE})
    signal(number, SIG_IGN);
  const UniqueFd nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  dup2(nothing.get(), STDIN_FILENO);
  dup2(nothing.get(), STDOUT_FILENO);
  dup3(socket.get(), kSocket, O_CLOEXEC);
  static_cast<void>(::close_range(kSocket + 1, ~0U, 0));
}

}  // namespace

void serve_broker(UniqueFd socket, pid_t engine, const BrokerConfig& config) {
  prepare(std::move(socket), engine);
  if (config.listed) {
    if (const Status s = confine_broker(); !s) {
      dprintf(STDERR_FILENO, "penstock: confine the broker: %s\n", s.error().message().c_str());
      _exit(1);
    }
  }
  Server server(config);
  for (;;) {
    Result<MessageReader> request = receive_message(kSocket);
    if (!request && request.error().code == EPIPE) _exit(0);
    MessageWriter answer;
    answer.number(1);
    Status made = request ? server.answer(*request, answer) : tl::unexpected(request.error());
    if (!made) {
      answer = MessageWriter();
      write_error(made.error(), answer.number(0));
    }
    if (!send_message(kSocket, answer)) _exit(0);
    server.forget();
  }
}

}  // namespace penstock

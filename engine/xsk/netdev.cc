// Two questions by libmnl.
#include "engine/xsk/netdev.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <unistd.h>

#include <array>
#include <functional>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <libmnl/libmnl.h>

namespace penstock {
namespace {

// Of <linux/netdev.h>, which Debian 12 does not have yet.
constexpr const char* kFamily = "netdev";
constexpr std::uint8_t kDevGet = 1;
constexpr std::uint8_t kQueueGet = 10;
constexpr std::uint16_t kDevIfindex = 1;
constexpr std::uint16_t kDevXdpFeatures = 3;
constexpr std::uint16_t kQueueId = 1;
constexpr std::uint16_t kQueueIfindex = 2;
constexpr std::uint16_t kQueueType = 3;  // 0: RX
constexpr std::uint16_t kQueueXsk = 7;   // there when a socket is

using Attributes = std::array<const nlattr*, 16>;  // by type

int keep(const nlattr* attribute, void* into) {
  const std::uint16_t type = mnl_attr_get_type(attribute);
  if (type < std::tuple_size_v<Attributes>) (*static_cast<Attributes*>(into))[type] = attribute;
  return MNL_CB_OK;
}

// A socket of generic netlink and one question at a time.
class Questions {
 public:
  Questions() : socket_(mnl_socket_open2(NETLINK_GENERIC, SOCK_CLOEXEC), close) {
    if (socket_ && mnl_socket_bind(socket_.get(), 0, MNL_SOCKET_AUTOPID) == 0) return;
    open_error_ = errno;
    socket_.reset();
  }

  // Calls `heard` with the attributes of each message of the answer. Returns 0 or an errno.
  int ask(std::uint16_t family, std::uint16_t flags, std::uint8_t command,
          const std::function<void(nlmsghdr*)>& put, const std::function<void(const Attributes&)>& heard) {
    if (!socket_) return open_error_;
    std::array<char, 8192> buffer{};
    nlmsghdr* request = mnl_nlmsg_put_header(buffer.data());
    request->nlmsg_type = family;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    request->nlmsg_seq = ++sequence_;
    auto* header = static_cast<genlmsghdr*>(mnl_nlmsg_put_extra_header(request, sizeof(genlmsghdr)));
    header->cmd = command;
    header->version = 1;
    put(request);
    if (mnl_socket_sendto(socket_.get(), request, request->nlmsg_len) < 0) return errno;
    const auto callback = [](const nlmsghdr* message, void* state) {
      Attributes attributes{};
      mnl_attr_parse(message, sizeof(genlmsghdr), keep, &attributes);
      (*static_cast<const std::function<void(const Attributes&)>*>(state))(attributes);
      return MNL_CB_OK;
    };
    for (;;) {
      const ssize_t got = mnl_socket_recvfrom(socket_.get(), buffer.data(), buffer.size());
      if (got < 0) return errno;
      const int more = mnl_cb_run(buffer.data(), static_cast<std::size_t>(got), sequence_,
                                  mnl_socket_get_portid(socket_.get()), callback,
                                  const_cast<std::function<void(const Attributes&)>*>(&heard));
      if (more < 0) return errno;
      if (more == MNL_CB_STOP) return 0;
    }
  }

  // The family's number; ENOENT where the kernel has none.
  Result<std::uint16_t> family() {
    std::uint16_t id = 0;
    const int error = ask(
        GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY,
        [](nlmsghdr* request) { mnl_attr_put_strz(request, CTRL_ATTR_FAMILY_NAME, kFamily); },
        [&](const Attributes& told) {
          if (told[CTRL_ATTR_FAMILY_ID] != nullptr) id = mnl_attr_get_u16(told[CTRL_ATTR_FAMILY_ID]);
        });
    if (error != 0) return fail("find the netlink family netdev", error);
    return id;
  }

 private:
  static void close(mnl_socket* socket) { mnl_socket_close(socket); }

  std::unique_ptr<mnl_socket, void (*)(mnl_socket*)> socket_;
  int open_error_ = 0;  // when there is no socket
  std::uint32_t sequence_ = 0;
};

}  // namespace

Result<std::optional<std::uint64_t>> read_xdp_features(unsigned interface_index) {
  const std::string what = fmt::format("read the XDP features of interface {}", interface_index);
  Questions kernel;
  const Result<std::uint16_t> family = kernel.family();
  if (!family && family.error().code == ENOENT) return std::nullopt;
  if (!family) return fail(what, family.error());
  std::optional<std::uint64_t> features;
  const int error = kernel.ask(
      *family, 0, kDevGet,
      [&](nlmsghdr* request) { mnl_attr_put_u32(request, kDevIfindex, interface_index); },
      [&](const Attributes& told) {
        if (told[kDevXdpFeatures] != nullptr) features = mnl_attr_get_u64(told[kDevXdpFeatures]);
      });
  if (error != 0) return fail(what, error);
  return features;
}

std::optional<XdpFeatures> xdp_features_of(unsigned interface_index) {
  const Result<std::optional<std::uint64_t>> bits = read_xdp_features(interface_index);
  if (!bits || !*bits) return std::nullopt;
  return XdpFeatures{.native = (**bits & kXdpActBasic) != 0 && (**bits & kXdpActRedirect) != 0,
                     .zero_copy = (**bits & kXdpActZeroCopy) != 0};
}

std::optional<std::vector<std::uint32_t>> queues_with_af_xdp(unsigned interface_index) {
  Questions kernel;
  const Result<std::uint16_t> family = kernel.family();
  if (!family) return std::nullopt;
  std::vector<std::uint32_t> queues;
  const int error = kernel.ask(
      *family, NLM_F_DUMP, kQueueGet,
      [&](nlmsghdr* request) { mnl_attr_put_u32(request, kQueueIfindex, interface_index); },
      [&](const Attributes& told) {
        const bool complete = told[kQueueId] != nullptr && told[kQueueType] != nullptr;
        if (!complete || told[kQueueXsk] == nullptr) return;
        if (mnl_attr_get_u32(told[kQueueType]) == 0) queues.push_back(mnl_attr_get_u32(told[kQueueId]));
      });
  if (error != 0) return std::nullopt;
  return queues;
}

}  // namespace penstock

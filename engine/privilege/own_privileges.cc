// Straight to the functions that make what is asked for.
#include "engine/privilege/own_privileges.h"

#include "engine/receive/udp_port.h"
#include "engine/tiles/tap_maker.h"
#include "engine/xdp/receiver_object.h"
#include "engine/xsk/xsk_descriptor.h"

namespace penstock {
namespace {

class OwnPrivileges final : public Privileges {
 public:
  Result<UniqueFd> xsk_socket(const BusyPoll& busy_poll) override { return open_xsk(busy_poll); }
  Result<LoadedObject> load_receiver(Loader loader, const LoadedObject* keep) override {
    return load_receiver_object(loader, keep);
  }
  Result<UniqueFd> attach(int program, const XdpPlace& place) override { return attach_xdp(program, place); }
  Status replace(int link, int running, int program) override { return replace_xdp(link, running, program); }
  Result<TapHandle> make_tap(unsigned original_interface) override {
    return penstock::make_tap(original_interface);
  }
  Result<UniqueFd> hold_udp_port(std::uint16_t port, std::uint32_t buffer_bytes) override {
    return penstock::hold_udp_port(port, buffer_bytes);
  }
};

}  // namespace

Privileges* own_privileges() {
  static OwnPrivileges own;
  return &own;
}

}  // namespace penstock

// Whatever answers on the engine's port, as the page of `penstock monitor`: it is refused or read, what was
// read is written and read back the same, and what is shown of it cannot steer a terminal.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/monitor/sample.h"
#include "engine/monitor/view.h"
#include "engine/monitor/view_text.h"
#include "engine/testing/fuzz.h"

namespace {

bool is_harmless(const std::string& text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sample = penstock::parse_sample({reinterpret_cast<const char*>(data), size});
  if (!sample) {
    PENSTOCK_CHECK(is_harmless(sample.error().message()));
    return 0;
  }
  const std::string facts = engine_facts_text(sample->facts);
  const auto again = penstock::parse_sample(prometheus_text(sample->counters, sample->ports) + facts);
  PENSTOCK_CHECK(again.has_value());
  PENSTOCK_CHECK(again->counters == sample->counters && engine_facts_text(again->facts) == facts);
  for (const penstock::EngineSample& before : {penstock::EngineSample(), *sample}) {
    const penstock::MonitorView view = make_view(before, *sample, penstock::kSecond);
    PENSTOCK_CHECK(is_harmless(view_text(view)) && is_harmless(view_line(view)));
    PENSTOCK_CHECK(view_json(view).find('\n') == std::string::npos);
  }
  return 0;
}

namespace penstock {

std::vector<std::vector<std::byte>> fuzz_seeds() {
  std::vector<std::vector<std::byte>> seeds;
  for (const std::string_view text :
       {"penstock_xdp_redirect_total 18446744073709551615\n",
        "# HELP x y.\npenstock_published_total{port=\"8003\"} 5\npenstock_ready 1\n"
        "penstock_config_info{interface=\"eth\x1b[2J\",companion=\"own\",shred_stage=\"full\"} 1\n"
        "penstock_receiver_info{path=\"udp\",mode=\"recvmmsg\"} 1\n",
        "penstock_xdp_pass_total{reason=\"port\"} 5\npenstock_receiver_sockets 1\n"
        "penstock_receiver_step_down_info{step=\"a \\\"b\\\" \\n \\\\\"} 1\n"
        "penstock_device_rx_packets_total 7\npenstock_thread_cpu_seconds_total{thread=\"pen-net\"} "
        "1.250\n"}) {
    const auto* first = reinterpret_cast<const std::byte*>(text.data());
    seeds.emplace_back(first, first + text.size());
  }
  return seeds;
}

}  // namespace penstock

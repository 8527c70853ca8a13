// `penstock run` on the far end of a veth pair, and what its metrics endpoint says.
//
// Needs root and a namespace of its own (netns_cc_test); argv[1] of the test is the binary. Thread safety:
// page() from any thread.
#pragma once

#include <unistd.h>

#include <optional>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "engine/base/wait.h"
#include "engine/commands/testing/run_process.h"
#include "engine/http/client.h"
#include "engine/receive/testing/receiver_on_veth.h"

namespace penstock {

class EngineOnVeth : public ReceiverOnVeth {
 protected:
  // `more`: of the file, behind interface and ports; its tables too. Ends the one before.
  void start(const std::string& more) {
    engine_.reset();
    engine_.emplace("interface = \"pen1\"\nports = [8003]\n" + more +
                    "\n[metrics]\nlisten = \"127.0.0.1:0\"\n");
    ASSERT_TRUE(engine_->says("receiving on")) << engine_->output();
    const std::string said = engine_->output();
    const std::string before = "metrics at http://";
    const std::size_t at = said.find(before);
    ASSERT_NE(at, std::string::npos) << said;
    const std::size_t from = at + before.size();
    const auto address = ListenAddress::parse(said.substr(from, said.find('/', from) - from));
    ASSERT_TRUE(address) << address.error().message();
    address_ = *address;
  }

  HttpPage page(std::string_view path) const {
    const auto page = http_get(address_, path, 20 * kSecond);
    EXPECT_TRUE(page) << page.error().message();
    return page.value_or(HttpPage{});
  }
  // By and by.
  bool says(std::string_view path, int status, const std::string& text) const {
    const auto it_says = [&] {
      const HttpPage now = page(path);
      return now.status == status && now.body.find(text) != std::string::npos;
    };
    return wait_until(it_says, 10 * kSecond, 10 * kMillisecond);
  }

  std::optional<RunProcess> engine_;
  ListenAddress address_;
};

}  // namespace penstock

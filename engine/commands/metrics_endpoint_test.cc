// The endpoint of the real binary on a veth: what it says when, and that no client of it is felt by the
// tiles. argv[1] is the binary. Needs root.
#include "engine/commands/metrics_endpoint.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "engine/commands/testing/engine_on_veth.h"
#include "engine/http/testing/raw_client.h"
#include "engine/testing/thread_stall.h"

namespace penstock {
namespace {

class MetricsEndpointTest : public EngineOnVeth {
 protected:
  void SetUp() override {
    EngineOnVeth::SetUp();
    start("[receiver]\nrx_entries = 256\n[threads]\non_stall = \"report\"");
  }
  // Sends in bursts that a ring holds, each when the one before was consumed.
  void send_and_expect(int datagrams) {
    for (int sent = 0; sent < datagrams;) {
      for (int i = 0; i < 100; ++i, ++sent)
        send();
      ASSERT_TRUE(says("/metrics", 200, "\npenstock_sink_consumed_total " + std::to_string(sent) + "\n"))
          << page("/metrics").body;
    }
  }
};

TEST_F(MetricsEndpointTest, ShowsCountersAndFacts) {
  EXPECT_EQ(page("/healthz").status, 200);
  EXPECT_EQ(page("/readyz").status, 200);
  EXPECT_EQ(page("/").status, 404);
  run("grep -qx pen-http /proc/" + std::to_string(engine_->pid()) + "/task/*/comm");
  send_and_expect(300);
  ASSERT_TRUE(says("/metrics", 200, "\npenstock_xdp_redirect_total 300\n"));  // 50 ms behind at most
  const std::string text = page("/metrics").body;
  for (const char* line :
       {"\npenstock_published_total{port=\"8003\"} 300\n",
        "\npenstock_receiver_info{path=\"kernel_filter\",mode=\"native copy\"} 1\n", "\npenstock_ready 1\n",
        "\npenstock_config_info{interface=\"pen1\",companion=\"own\",", "\npenstock_receiver_sockets 1\n",
        "\npenstock_device_rx_packets_total 30", "\npenstock_thread_cpu_seconds_total{thread=\"pen-net\"} "})
    EXPECT_NE(text.find(line), std::string::npos) << line << " in\n" << text;
}

TEST_F(MetricsEndpointTest, IsNotReadyWhileTheInterfaceIsDown) {
  ASSERT_TRUE(says("/readyz", 200, "ok"));
  run("ip link set pen1 down");
  EXPECT_TRUE(says("/readyz", 503, "pen1 is down"));
  EXPECT_EQ(page("/healthz").status, 200) << "a restart would not help";
  EXPECT_NE(page("/metrics").body.find("\npenstock_interface_up 0\n"), std::string::npos);
  run("ip link set pen1 up");
  EXPECT_TRUE(says("/readyz", 200, "ok"));
}

TEST_F(MetricsEndpointTest, IsNeitherReadyNorWellWhileATileStandsStill) {
  {
    const auto hung = ThreadStall::begin(engine_->pid(), "pen-net");
    ASSERT_TRUE(hung) << hung.error().message();
    EXPECT_TRUE(says("/readyz", 503, "stands still: pen-net"));
    EXPECT_TRUE(says("/healthz", 503, "stands still: pen-net"));
    EXPECT_NE(page("/metrics").body.find("\npenstock_tile_stalls_total{tile=\"net\"} 1\n"),
              std::string::npos);
  }
  EXPECT_TRUE(says("/readyz", 200, "ok"));
  EXPECT_TRUE(says("/healthz", 200, "ok"));
}

TEST_F(MetricsEndpointTest, NoClientIsFeltByTheTiles) {
  std::atomic<bool> over = false;
  std::vector<std::thread> clients;
  const auto hostile = [&](const std::string& bytes, bool listens) {
    clients.emplace_back([this, &over, bytes, listens] {
      while (!over) {
        const RawClient client(address_, 2048);
        client.say(bytes);
        if (listens) client.hear();
        usleep(1'000);
      }
    });
  };
  hostile(std::string(200'000, '\x16'), false);                            // garbage
  hostile("GET /metrics HTTP/1.1\r\n" + std::string(200'000, 'A'), true);  // a request without end
  hostile("GET /met", true);                                               // half a request
  hostile("GET /metrics HTTP/1.1\r\n\r\n", false);                         // goes before the answer
  std::vector<RawClient> holders;                                          // and some stay for good
  for (int i = 0; i < 12; ++i) {
    holders.emplace_back(address_, 2048);
    holders.back().say(i % 2 == 0 ? "G" : "GET /metrics HTTP/1.1\r\n\r\n");
  }

  send_and_expect(3'000);
  over = true;
  for (std::thread& client : clients)
    client.join();
  const std::string text = page("/metrics").body;
  EXPECT_NE(text.find("\npenstock_rx_ring_full_total 0\n"), std::string::npos);
  EXPECT_NE(text.find("\npenstock_overrun_total{consumer=\"sink\"} 0\n"), std::string::npos);
  EXPECT_NE(text.find("\npenstock_tile_stalls_total{tile=\"net\"} 0\n"), std::string::npos);
  engine_->signal(SIGTERM);
  EXPECT_EQ(engine_->wait(), 0);
  EXPECT_NE(engine_->output().find("stopped after 3000 datagrams, 0 of them by the slow way; 0 lost"),
            std::string::npos)
      << engine_->output();
}

TEST_F(MetricsEndpointTest, AnAddressThatIsTakenCostsTheMetricsAlone) {
  RunProcess second("interface = \"pen1\"\npath = \"udp\"\nports = [8009]\n[metrics]\nlisten = \"" +
                        address_.to_string() + "\"\n",
                    "second");
  ASSERT_TRUE(second.says("receiving on")) << second.output();
  EXPECT_NE(second.output().find("no metrics: listen on " + address_.to_string() + ": EADDRINUSE"),
            std::string::npos)
      << second.output();
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait(), 0);
}

TEST(MetricsEndpoint, IsWellButNotReadyBeforeTheReceiverIsOpenAndWhenItStops) {
  const auto endpoint = MetricsEndpoint::start({.metrics_listen = "127.0.0.1:0"});
  ASSERT_TRUE(endpoint) << endpoint.error().message();
  const auto expect = [&](std::string_view path, int status, const std::string& text) {
    const auto page = http_get((*endpoint)->address(), path, 20 * kSecond);
    ASSERT_TRUE(page) << page.error().message();
    EXPECT_EQ(page->status, status);
    EXPECT_EQ(page->body, text + "\n");
  };
  expect("/healthz", 200, "ok");
  expect("/readyz", 503, "the receiver is not open yet");
  expect("/metrics", 503, "the receiver is not open yet");
  (*endpoint)->hide("stopping");
  expect("/readyz", 503, "stopping");
}

TEST(MetricsEndpoint, CanBeLeftOut) {
  const auto none = MetricsEndpoint::start({.metrics_listen = ""});
  ASSERT_TRUE(none);
  EXPECT_EQ(*none, nullptr);
}

}  // namespace
}  // namespace penstock

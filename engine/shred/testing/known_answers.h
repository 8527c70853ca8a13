// Known answers of shared/reference/shred-format.md sections 12 and 13 that more than one test uses.
// They were recomputed from real bytes by an implementation independent of this one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace penstock::testing {

// One FEC set of a capture.
struct KnownSet {
  std::uint32_t fec_set_index;
  std::string_view root;        // hexadecimal, as everything here
  std::string_view signature;   // empty when the page does not give it
  std::string_view set_sha256;  // over the 64 shreds, data 0..31 then code 0..31
};

// demo-shreds.pcap: slot 0, parent offset 0, version 6051, last batch of the slot.
inline constexpr std::string_view kGoldenLeader =
    "392c79798d4e59235bbde9351dd76b9d36ad488fe8cbe52cfd6ff3ca61718cf2";
inline constexpr std::string_view kGoldenLeaderBase58 = "4rBaC4tZ4bd7fDGQpWpesBSmgqYmMzkASuZsZkbHCrBK";
inline constexpr std::string_view kGoldenFirstChainedRoot =
    "0102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f00";
inline constexpr std::uint16_t kGoldenVersion = 6051;
inline constexpr std::string_view kGoldenPayloadsSha256 =
    "894259aa7f240312357182fd0912c12ae728ff219c9c07041f2adec0c77f34f6";

inline constexpr std::array<KnownSet, 8> kGoldenSets = {{
    {0, "5cd46125edc524ae3d10a99d8856af859f78e3924f7d1887581895e1edcc4e45",
     "979a7b06963fcc0c23fab64073afacb47e403efb81ad3b59b183b45a654aed8b5b4b7cacad4a0aef5363c8102d22fc667604cdf"
     "c4ff958449b2d9e32adc0a909",
     "dd0ce6a4d66e37b2b4b01ca8f6208226e299c51eb0f262c72d690218ee2e5da3"},
    {32, "179edf51df1cc63e5bc4efc1190618c9e6c5bedf768c6fa02a681d33fd1a44b5",
     "0ff65aea013c948b36189c5ac79a2f4303f6d0db361b9e43823572e1fbda328b342b462d18468c9f11039fe08bdf0cd53ce485a"
     "7eb995fb071bf6327f3d5dd08",
     "96ec3fa70f0f5508b91df38f155468638ac43ac9dfee2600bf6c5655421b9d5d"},
    {64, "ddfcd214a5522c98685faf79b439270044ee5f8d400ee9e64865b0ea13fecab7",
     "49d93c2993c42dc93c7b8c1c70817fa5cd15dd892aeb4f6ff0f01d477946a9447c78bcdc366e48dec149024cdbb4f37d925a1fd"
     "fb2c3efbee1a2431ac706d10b",
     "a3f0ae4d8fec00c7f04ae674f49b27cbe53a71d0e4b9383924daa77e741ee6ca"},
    {96, "889a9742639db0bee43e168ae27bc4ef2d3522d09ab87e429ac33bec19ad3791",
     "0018d8fc79171a26a2e5cc409f3520cf676f08e652be6ad8879229ae2652104978ca42f9e64a7d0ac83bf20d8b54c1db7fd5211"
     "df0933092cc1bc9884558150b",
     "b12ece3d5151b1e28ca58b9aec7a6c853fd7b53bc435e0e651e00b82d20ce51f"},
    {128, "dce6bca0c7e8987e45bf130c2fe380db54c0d6d40399e93c344e4f6e1468e16a",
     "4970ec445f5f2b3657009cc66fa60206fcefbf71d8c93041b6fafb7343a00a7e7fc5314e74c771d4f407657854fdfe7cfe04376"
     "38b5fac129e273be93bd1340c",
     "e675e3ecf2622aa592fb6f6c42c81f6dc1666205cb28981945a202a6b885c6af"},
    {160, "6330f91587b922c43d000c32b23fb8532318c837db05fea0578aa9b548d93dba",
     "1b9aeaf3b2bf56f61872eae5ad6a14cd8bad5920aaadacf369185c02bf793767bd9e23eddb50c30a91620fab3d44c5058af7859"
     "7a4a41833373255ad2c3c3c0f",
     "4bccf5fa06a360912a31376ee231d82da537f38bdb214768f326be0e99a46ed6"},
    {192, "c8dbe2456a6ca0000ae6dd7ed81cfbafb3f8dafdddf4bc0b75e410b13f990320",
     "8727be684f149243b5ac05d9b925816a05ba44239653cadfd7950b56b1f7b4b4841f6307951a838d817a7c7e111016ccade4674"
     "8b92371694f5b99e221b4b903",
     "60acad7632316074012327c19d56884484b72a3531ba62776779040391b2fe1c"},
    {224, "7f92e8713ad169c34664ebd783386f6188baf62c615d52d0505f93b15fb52de6",
     "59aa30f963059696054749f5fe74e3fe0c05e1a775f6dbe2e5fc2ac949ce4f8fddf8e993b725b6b476dadb252db88cac4965e01"
     "bf62b545c7a36a6c9002b180a",
     "7586e37a569485f0d5b4f4c94a7a5acce24576ef4a3df21080e704b44e5e478e"},
}};

// The testnet capture: slot 385970984, version 27350, parent offset 1. set_sha256 is over the recovered
// set, with the retransmitter signature as zeros.
inline constexpr std::string_view kTestnetLeader =
    "d6b639abd7df1af9be3d20ab666b7a1ef97c5df958be193a4715fa007910ce4f";
inline constexpr std::string_view kTestnetLeaderBase58 = "FT9QgTVo375TgDAQusTgpsfXqTosCJLfrBpoVdcbnhtS";
inline constexpr std::uint64_t kTestnetSlot = 385'970'984;
inline constexpr std::uint16_t kTestnetVersion = 27350;
inline constexpr std::array<KnownSet, 5> kTestnetSets = {{
    {320, "544894b97bfc6a29235c1cb94dfe0f12775af3020b126663caa93a8379109261", "",
     "1b7455dd81e68e70f77eb50455c7aefb03190e5114aa40b7f07fa43a711d721f"},
    {352, "a910046bf7de95861a2ce8cfc0a66093ba160f17cf0fe3273ad9a0ef1b97eb79", "",
     "41e87a6f45eaee37a14078d7beee0462171a339f236f084e9794fb1c4bce87ee"},
    {384, "c2082778594aa34f1b6be3a7a7579c88c87676a7cbb8fe3b6d4274b0137bd952", "",
     "5ee95b7dccaeb3f0149b330e37298b396eb70ab2b671e67afb1f230f9646527e"},
    {416, "7665b28988471f12b8200d6e292ef95054e9af035b7f37fd398822ceb253fc87", "",
     "62f30bc1d446b33e682f5d3976971f42b2db0cab79b522a98bda6eb024f872c6"},
    {448, "012055b71d346ab581f698c2841a201c61d8bde7c5d62df13f3ddd6d59e1f89f", "",
     "6ba864964090b8a6f942c6543177d6d3603c073f5eecdb149cb2cd238b81774e"},
}};

// The bytes [88, size) of the recovered data shreds of each testnet set, one after the other.
struct KnownEntries {
  std::uint32_t fec_set_index;
  std::uint8_t last_flags;  // of data shred 31
  std::size_t size;
  std::string_view sha256;
};
inline constexpr std::array<KnownEntries, 5> kTestnetEntries = {{
    {320, 0x61, 7272, "38bc4b7f07e2aa2d821b47e0b85aad293dd22f950fa35f13d59b50335fb796cb"},
    {352, 0x6b, 14152, "f61f86e31e912bfaca1db44f96ee7335984786887f6172de5b4270532bebce88"},
    {384, 0x74, 840, "514c861c373cbcbede3d379c933c60255f986f621b4e21d8859dedfdc5d58eac"},
    {416, 0x7e, 2296, "3fe44b40dfcd944393e53815741c01fa5d6a9a31f688fa5c49909d85829b9f9e"},
    {448, 0xff, 104, "b4c973980e7f2188efc131c386cfdcf16141233d06b4b51b687c7383d44ced9a"},
}};

// Merkle path of golden set 0, data 0 (leaf 0): the first node of each level, and the six proof entries.
inline constexpr std::array<std::string_view, 7> kGoldenFirstNodes = {
    "83fa921eb53dddc5f0611e1dbdadd345d1c33444023047a8d814343d8c5c20ca",
    "70fc0abdbeb68d78f80ec6894e9b4dee54a0d17c43b7b432408c49b7a8a5a76c",
    "72fd16a64bba105cdacb60c7213310e496148d00567a8eec2a3cf3d3c0a09bbb",
    "859f5b825dfd0be508bd7d515c7364e5104a23a8e86d3b216b54a54b777030d1",
    "d86d4e0fd98a26bf876f9056c5ea76f284b4b5099a295fb7ce1f811d3be3a6c0",
    "42ede1dca85946acf492354f5a95dd59d5491f4d53431d51e12933d7419b9119",
    "5cd46125edc524ae3d10a99d8856af859f78e3924f7d1887581895e1edcc4e45",
};
inline constexpr std::string_view kGoldenProof0 =
    "7c0a57ff6de3694a7e3493f3843ae89584ede9dd"
    "19d64fe4354147adb58319be7b4ec3ffd1003c4a"
    "a7115fc65d545fe24ea31f885fc7f204fa6ee91a"
    "5283494f2fc43681c26745aa25add80da6f4fc2a"
    "1735882c15d30ceb3d3b9c454b0f2fe0eecea8a5"
    "044375939b3b4e0197bb80672531bbb79abb9d65";
// Proof of golden set 0, code 31 (leaf 63).
inline constexpr std::string_view kGoldenProof63 =
    "f5134ecec1380a3d47056579f331319100a671d1"
    "7928fbddf54f2ad0e840c191373027882489912a"
    "4427b345c264feca3769379754d95e2c5eff06b3"
    "d9a48a28636f7d2dfdcaad76e13a1856e3674278"
    "6ecfa2337c01b286619a02ea2a1eb94b796725f4"
    "42ede1dca85946acf492354f5a95dd59d5491f4d";

// SHA-256 of single golden payloads.
struct KnownPayload {
  std::uint32_t fec_set_index;
  std::uint32_t member;  // data 0..31, code 32..63
  std::string_view sha256;
};
inline constexpr std::array<KnownPayload, 12> kGoldenPayloads = {{
    {0, 0, "c179657f804b8e1b9e5490f5e244be7bfe057b95f2147cae53a304deabca36ed"},
    {0, 31, "1f4ace19fe489d3f313acabf1a2e34d98c02098e7a575bd85fd8cd51242e7308"},
    {0, 32, "56fcc883cb4a0d5bb5cefbd38eae38520839c31fd16c827de2dbe0986bc497cd"},
    {0, 63, "ba266efb112afca1cdb11dd7ff1bbc947819849ebb52ffd4234de5a97fc6cf52"},
    {192, 0, "49f0d8c82ae34eb63cca3259b0ceae5f81167a50231a3accfe7894720eca22cb"},
    {192, 31, "8580663e58d79557cba1c31b2fc0118cb217d1b5e52bf7abf466c472889a6cae"},
    {192, 32, "83ad451a63ab284519420bf112591326a188f6e18b67f982dfe42159ff93af92"},
    {192, 63, "110939c93bb5b9748a26af9111a27a3fc5d7bf68e3c3125296f9c48fe182a8e2"},
    {224, 0, "fefb4428f9bd35dac1a4800e0011aeb26e5393bacb6ba913f79d92d82cccae11"},
    {224, 31, "980693141c257f5557f392a5450380d1062a874f0c4f4f8603a83a879494b033"},
    {224, 32, "8e22192dbe760323d220b79b482f6136e0b0188665946f9a18d67b82755b27f5"},
    {224, 63, "b93747e59a124778f6d9ddfa3f19e22259e2533e7b9706acadbc1034d8299496"},
}};

}  // namespace penstock::testing

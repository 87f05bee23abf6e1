// Nothing of ours: a name that many projects have a file for.
#pragma once

namespace outside {
inline constexpr int kHttp = 1;
}

// The picture, in the units of its viewBox, y downwards:
//
//     0,0 ---------------------------- 640
//      |   title
//      |   legend
//      |   64,70 ------------- 604,70
//      |     |  the lines          |
//      |   64,306 ------------ 604,306
//      |          x's label
//     360
#include "plot.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace {

constexpr double kLeft = 64;
constexpr double kRight = 604;
constexpr double kTop = 70;
constexpr double kBottom = 306;

struct Style {
  const char* colour;
  const char* dashes;
};
constexpr std::array<Style, 2> kStyles = {{{"#1f5fa8", "none"}, {"#8a6d3b", "6 4"}}};

template <class... Values>
std::string print(const char* format, Values... values) {
  std::array<char, 512> text{};
  std::snprintf(text.data(), text.size(), format, values...);
  return text.data();
}

// Where a value stands on its axis: 0 is the first tick, 1 the last.
double position(const Axis& axis, double value) {
  double first = axis.ticks.front().value;
  double last = axis.ticks.back().value;
  if (axis.logarithmic) {
    first = std::log(first);
    last = std::log(last);
    value = std::log(value);
  }
  return (value - first) / (last - first);
}

double x_of(const Plot& plot, double value) { return kLeft + (kRight - kLeft) * position(plot.x, value); }
double y_of(const Plot& plot, double value) { return kBottom - (kBottom - kTop) * position(plot.y, value); }

std::string text_at(double x, double y, const char* anchor, const std::string& text) {
  return print("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, text.c_str());
}

std::string grid(const Plot& plot) {
  std::string svg = "<g stroke=\"#dcdcd8\">\n";
  for (const Tick& tick : plot.x.ticks) {
    svg += print("<path d=\"M%.1f %.1fV%.1f\"/>\n", x_of(plot, tick.value), kTop, kBottom);
  }
  for (const Tick& tick : plot.y.ticks) {
    svg += print("<path d=\"M%.1f %.1fH%.1f\"/>\n", kLeft, y_of(plot, tick.value), kRight);
  }
  return svg + "</g>\n";
}

std::string labels(const Plot& plot) {
  std::string svg;
  for (const Tick& tick : plot.x.ticks) svg += text_at(x_of(plot, tick.value), kBottom + 18, "middle", tick.text);
  for (const Tick& tick : plot.y.ticks) svg += text_at(kLeft - 8, y_of(plot, tick.value) + 4, "end", tick.text);
  svg += text_at((kLeft + kRight) / 2, kBottom + 40, "middle", plot.x.label);
  svg += print("<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>\n",
               (kTop + kBottom) / 2, plot.y.label.c_str());
  return svg + "<text x=\"64\" y=\"26\" font-size=\"15\" font-weight=\"bold\">" + plot.title + "</text>\n";
}

std::string line(const Plot& plot, const Series& series, const Style& style) {
  std::string points;
  std::string dots;
  for (const Point& point : series.points) {
    const double x = x_of(plot, point.x);
    const double y = y_of(plot, point.y);
    points += print("%.1f,%.1f ", x, y);
    dots += print("<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"%s\"/>\n", x, y, style.colour);
  }
  return print("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\" points=\"",
               style.colour, style.dashes) +
         points + "\"/>\n" + dots;
}

std::string legend(const Series& series, const Style& style, double x) {
  return print("<path d=\"M%.1f 46h28\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n", x, style.colour,
               style.dashes) +
         text_at(x + 36, 50, "start", series.name);
}

}  // namespace

std::vector<Tick> linear_ticks(double highest) {
  const double rough = highest > 0 ? highest / 5 : 1;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double digit : {5, 2, 1}) {
    if (digit * power >= rough) step = digit * power;
  }
  std::vector<Tick> ticks = {{0, "0"}};
  while (ticks.back().value < highest || ticks.size() < 2) {
    const double value = step * static_cast<double>(ticks.size());
    ticks.push_back({value, print("%g", value)});
  }
  return ticks;
}

std::vector<Tick> decade_ticks(double lowest, double highest) {
  const int first = static_cast<int>(std::floor(std::log10(lowest)));
  const int last = static_cast<int>(std::ceil(std::log10(highest)));
  std::vector<Tick> ticks;
  for (int power = first; power <= last || ticks.size() < 2; ++power) {
    ticks.push_back({std::pow(10, power), print("%g", std::pow(10, power))});
  }
  return ticks;
}

std::string to_svg(const Plot& plot) {
  std::string svg =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\" role=\"img\" "
      "font-family=\"sans-serif\" font-size=\"13\" fill=\"#333\">\n";
  svg += "<title>" + plot.title + "</title>\n";
  svg += "<rect width=\"640\" height=\"360\" rx=\"6\" fill=\"#fafaf7\" stroke=\"#c8c8c4\"/>\n";
  svg += grid(plot) + labels(plot);
  for (std::size_t i = 0; i < plot.series.size() && i < kStyles.size(); ++i) {
    svg += line(plot, plot.series[i], kStyles[i]);
    svg += legend(plot.series[i], kStyles[i], kLeft + 150 * static_cast<double>(i));
  }
  return svg + "</svg>\n";
}

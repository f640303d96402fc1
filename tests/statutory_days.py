#!/usr/bin/env python3
"""The statutory days (法定节假日当天) of calendars/ against festivals worked out from the sky.

A notice of the State Council names the days off, not which of them the law itself gives
(全国年节及纪念日放假办法). Those follow from dates: by the sun's calendar, or by the moon's. The
moon's are computed here from astronomy (Jean Meeus, Astronomical Algorithms, 2nd ed.: the sun's
longitude, ch. 25; new moons, ch. 49) and the rules of the Chinese calendar (GB/T 33661-2017), so that
no table of ours is its own witness. New moons are good to half a minute, the sun to a quarter of an
hour; what lies nearer to midnight in Beijing than that is reported as too close to call.

Prints TAP. Usage: statutory_days.py FOLDER-OF-CALENDARS
"""
import datetime
import math
import pathlib
import sys

BEIJING = 8 / 24
DELTA_T = 70 / 86400  # terrestrial time ahead of universal time, years 2017 to 2027
MOON_MARGIN, SUN_MARGIN = 1 / 1440, 20 / 1440  # days from midnight that are too close

# Small terms of a new moon, by the planets: angle at k = 0, a step of k, size in 0.000001 day.
PLANETS = ((299.77, 0.107408, 325), (251.88, 0.016321, 165), (251.83, 26.651886, 164),
           (349.42, 36.412478, 126), (84.66, 18.206239, 110), (141.74, 53.303771, 62),
           (207.14, 2.453732, 60), (154.84, 7.306860, 56), (34.52, 27.261239, 47),
           (207.19, 0.121824, 42), (291.34, 1.844379, 40), (161.72, 24.198154, 37),
           (239.56, 25.513099, 35), (331.55, 3.592518, 23))


def sine(degrees):
    return math.sin(math.radians(degrees))


def sun_longitude(jde):
    """The sun's apparent longitude in degrees, to 0.01 (ch. 25)."""
    t = (jde - 2451545) / 36525
    mean = 280.46646 + 36000.76983 * t + 0.0003032 * t * t
    anomaly = 357.52911 + 35999.05029 * t - 0.0001537 * t * t
    centre = ((1.914602 - 0.004817 * t - 0.000014 * t * t) * sine(anomaly)
              + (0.019993 - 0.000101 * t) * sine(2 * anomaly) + 0.000289 * sine(3 * anomaly))
    node = 125.04 - 1934.136 * t
    return (mean + centre - 0.00569 - 0.00478 * sine(node)) % 360


def sun_reaches(longitude, jde):
    """The moment near jde at which the sun stands at that longitude."""
    for _ in range(20):
        jde += ((longitude - sun_longitude(jde) + 180) % 360 - 180) / 360 * 365.2422
    return jde


def new_moon(k):
    """The k-th new moon after 2000-01-06, terrestrial time (ch. 49)."""
    t = k / 1236.85
    jde = 2451550.09766 + 29.530588861 * k + 0.00015437 * t * t
    e = 1 - 0.002516 * t - 0.0000074 * t * t
    sun = 2.5534 + 29.10535670 * k - 0.0000014 * t * t
    moon = 201.5643 + 385.81693528 * k + 0.0107582 * t * t
    f = 160.7108 + 390.67050284 * k - 0.0016118 * t * t
    node = 124.7746 - 1.56375588 * k + 0.0020672 * t * t
    return jde + (-0.40720 * sine(moon) + 0.17241 * e * sine(sun) + 0.01608 * sine(2 * moon)
                  + 0.01039 * sine(2 * f) + 0.00739 * e * sine(moon - sun)
                  - 0.00514 * e * sine(moon + sun) + 0.00208 * e * e * sine(2 * sun)
                  - 0.00111 * sine(moon - 2 * f) - 0.00057 * sine(moon + 2 * f)
                  + 0.00056 * e * sine(2 * moon + sun) - 0.00042 * sine(3 * moon)
                  + 0.00042 * e * sine(sun + 2 * f) + 0.00038 * e * sine(sun - 2 * f)
                  - 0.00024 * e * sine(2 * moon - sun) - 0.00017 * sine(node)
                  - 0.00007 * sine(moon + 2 * sun) + 0.00004 * sine(2 * moon - 2 * f)
                  + 0.00004 * sine(3 * sun) + 0.00003 * sine(moon + sun - 2 * f)
                  + 0.00003 * sine(2 * moon + 2 * f) - 0.00003 * sine(moon + sun + 2 * f)
                  + 0.00003 * sine(moon - sun + 2 * f) - 0.00002 * sine(moon - sun - 2 * f)
                  - 0.00002 * sine(3 * moon + sun) + 0.00002 * sine(4 * moon)
                  + sum(size * 1e-6 * sine(at + step * k) for at, step, size in PLANETS))


def agreed(answers, jde):
    """The answer that holds at both ends of the margin around a moment."""
    first, second = answers
    if first != second:
        raise SystemExit(f'Bail out! a moment too close to midnight to call: {jde}')
    return first


def days_around(jde, margin):
    local = [jde + sign * margin - DELTA_T + BEIJING + 0.5 for sign in (-1, 1)]
    return [datetime.date(1970, 1, 1) + datetime.timedelta(days=math.floor(at) - 2440588)
            for at in local]


def day_of(jde, margin):
    """The day in Beijing on which the moment falls."""
    return agreed(days_around(jde, margin), jde)


def sun_falls(jde, first, after):
    """Does the sun's moment fall on the first day or later, before the other?"""
    return agreed([first <= day < after for day in days_around(jde, SUN_MARGIN)], jde)


def jde_of(year, month):
    day = datetime.date(year, month, 15) - datetime.date(1970, 1, 1)
    return day.days + 2440588.0


def solstice(year):
    return sun_reaches(270, jde_of(year, 12))


def months_after(year):
    """First days of the months from the one that holds the solstice of `year` on, 15 of them."""
    k = math.floor((jde_of(year, 12) - 2451550) / 29.530588861) - 2
    firsts = [day_of(new_moon(k + i), MOON_MARGIN) for i in range(20)]
    start = next(i for i in range(20) if sun_falls(solstice(year), firsts[i], firsts[i + 1]))
    return firsts[start:start + 15]


def has_term(first, after):
    """Does a month hold a principal term (the sun at a multiple of 30 degrees)?"""
    noon = (first - datetime.date(1970, 1, 1)).days + 2440588.0 - BEIJING
    longitude = sun_longitude(noon)
    at = sun_reaches(math.ceil(longitude / 30) * 30 % 360, noon + 15)
    before = sun_reaches(math.floor(longitude / 30) * 30 % 360, noon)
    return sun_falls(before, first, after) or sun_falls(at, first, after)


def lunar(year):
    """Month number -> first day, of the months of the year whose spring is in `year`."""
    firsts = months_after(year - 1)
    leap_year = sun_falls(solstice(year), firsts[13], firsts[14])
    found, number, leap = {}, 11, not leap_year
    for first, after in zip(firsts, firsts[1:]):
        if not leap and first != firsts[0] and not has_term(first, after):
            leap = True  # it has the number of the one before
            continue
        found.setdefault((number - 1) % 12 + 1, first)
        number += 1
    return found


def expected(year):
    """All days that the law gives: 2013 text, from 2025 the text of 2024."""
    month = lunar(year)
    days = lambda first, n: [first + datetime.timedelta(days=i) for i in range(n)]
    spring = days(month[1] - datetime.timedelta(days=1), 4)
    qingming = day_of(sun_reaches(15, jde_of(year, 4) - 10), SUN_MARGIN)
    autumn = month[8] + datetime.timedelta(days=14)
    wanted = set(days(datetime.date(year, 1, 1), 1) + (spring if year >= 2025 else spring[1:])
                 + [qingming, month[5] + datetime.timedelta(days=4)]
                 + days(datetime.date(year, 5, 1), 2 if year >= 2025 else 1)
                 + days(datetime.date(year, 10, 1), 3))
    while autumn in wanted:  # two festivals on one day: the next day makes up for it
        autumn += datetime.timedelta(days=1)
    return wanted | {autumn}


def written(folder, year):
    days = set()
    for path in sorted(folder.glob(f'{year}*.tsv')):
        rows = [line.split('\t') for line in path.read_text().splitlines()]
        for row in rows:
            if row[0] != 'statutory':
                continue
            first, last = (datetime.date.fromisoformat(d) for d in (row[2], row[-1]))
            days |= {first + datetime.timedelta(days=i) for i in range((last - first).days + 1)}
    return days


def main():
    folder = pathlib.Path(sys.argv[1])
    years = sorted({int(path.name[:4]) for path in folder.glob('2*.tsv')})
    print(f'1..{len(years)}')
    failed = not years
    for n, year in enumerate(years, 1):
        differ = expected(year) ^ written(folder, year)
        print(f'{"not " if differ else ""}ok {n} - {year}: {len(expected(year))} days')
        for day in sorted(differ):
            print(f'# {day} is {"written" if day in written(folder, year) else "computed"} only')
        failed = failed or bool(differ)
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

"""What a gallery must be for its reader: gallery_check.py PAGE NUMBER-OF-PICTURES.

The page has the pictures of tests/gallery.bats."""

import sys

from browser import DOWN, END, ESCAPE, HOME, RIGHT, TAB, Browser

FOCUSED = "document.activeElement.closest('.card') ? document.activeElement.closest('.card').picture.id : 0"
COLUMNS = "getComputedStyle(document.getElementById('grid')).gridTemplateColumns.split(' ').length"


def same(found, wanted, what):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def count(b):
    return b.run("return document.getElementById('count').textContent")


def cards(b):
    return b.run("return document.querySelectorAll('.card').length")


def check_keys(b):
    b.keys("/")
    same(b.run("return document.activeElement.id"), "search", "/ goes to")
    b.keys("dusk")
    same(count(b), "1 of 5 pictures", "a prompt is searched")
    b.keys(ESCAPE)
    same(count(b), "5 pictures", "Esc shows all")
    b.keys(DOWN)
    first = b.run("return " + FOCUSED)
    same(first, 5, "down from the search is the first picture")
    b.keys(RIGHT)
    same(b.run("return " + FOCUSED), 4, "right is the next")
    b.keys(HOME, DOWN)
    same(b.run("return " + FOCUSED), 5 - b.run("return " + COLUMNS), "down is a row")
    b.keys(END)
    same(b.run("return " + FOCUSED), 1, "End is the last")
    b.keys(TAB)
    same(b.run("return document.activeElement.className"), "copy", "Tab goes to the button")
    b.wait("getComputedStyle(document.activeElement.closest('.card').querySelector('.details')).opacity === '1'")
    b.keys("c")
    b.wait("document.getElementById('said').textContent.startsWith('Link of')")


def check_filters(b):
    b.run("document.querySelector('[value=ai]').click()")
    same(count(b), "2 of 5 pictures", "AI only")
    same(b.run("return document.querySelectorAll('.badge').length"), 2, "badges")
    b.run("document.querySelector('[value=uploaded]').click()")
    same(count(b), "3 of 5 pictures", "uploaded only")
    b.run("document.getElementById('tag').value = 'sea'; document.forms[0].dispatchEvent(new Event('input'))")
    same(count(b), "1 of 5 pictures", "and a tag")
    b.run("document.querySelector('[value=ai]').click()")
    same(b.run("return document.getElementById('nothing').hidden"), False, "nothing is said to match")
    b.run("document.getElementById('reset').click()")
    b.run("const s = document.getElementById('business'); s.value = [...s.options].find(o => o.text === 'acme').value;"
          "document.forms[0].dispatchEvent(new Event('input'))")
    same(count(b), "1 of 5 pictures", "a business")
    b.run("document.getElementById('reset').click()")


def check_hostile(b):
    same(b.run("return window.owned"), None, "no text of a picture runs")
    same(b.run("return document.querySelectorAll('#grid script, #grid b, #grid iframe').length"), 0,
         "no text of a picture is markup")
    same(b.run("return [...document.querySelectorAll('#grid a[href]')].every(a => /^(file|https?):/.test(a.protocol))"),
         True, "links are links")
    same(b.run("return document.querySelector('[aria-posinset=\"4\"] .name').textContent.startsWith('\"><script>')"),
         True, "it is shown as it is")
    same(b.run("return performance.getEntriesByType('resource').filter(r => !/^(data|file):/.test(r.name)).length"),
         0, "nothing is loaded from elsewhere")


def check_access(b):
    same(b.run("return [...document.querySelectorAll('input, select, button')]"
               ".every(e => e.labels?.length || e.textContent || e.ariaLabel)"), True, "all have labels")
    same(b.run("return [...document.querySelectorAll('#grid img')].every(i => i.alt)"), True, "alt texts")
    same(b.run("return ['header', 'main', 'footer', '[role=search]', '[aria-live]']"
               ".every(s => document.querySelector(s))"), True, "landmarks")
    same(b.run("return document.querySelectorAll('.open[tabindex=\"0\"]').length"), 1, "one stop for Tab")


def check(page, width, dark, columns):
    with Browser(width, 900, dark) as b:
        b.open(page)
        b.wait("document.querySelectorAll('.card').length > 0")
        same(cards(b), 5, "pictures")
        same(b.run("return " + COLUMNS), columns, f"columns at {width}")
        same(b.run("return document.documentElement.scrollWidth"), width, "no scrolling sideways")
        b.wait("[...document.querySelectorAll('img')].every(i => i.complete && i.naturalWidth > 0)")
        if width == 1400:
            check_hostile(b)
            check_access(b)
            check_filters(b)
            check_keys(b)
        same(b.log(), [], "the console")


def main():
    for width, dark, columns in ((400, True, 2), (800, False, 3), (1400, True, 4)):
        check(sys.argv[1], width, dark, columns)


main()

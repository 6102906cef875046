"""TEMPORARY stub while the look is being designed; replaced whole."""
from dataclasses import dataclass
@dataclass(frozen=True)
class Theme:
    background:str; surface:str; text:str; muted:str; grid:str; accent:str; series:tuple; sequential:tuple; font:str="sans-serif"
LIGHT=Theme("#fff","#f6f6f4","#222","#666","#ddd","#0b5fa5",("#0b5fa5","#e07a1f","#2e933c","#8c4b9b","#5b6770"),("#eef","#ccd","#99b","#669","#336"))
DARK=Theme("#111","#222","#eee","#aaa","#444","#69f",("#69f","#fa5","#5d7","#c8e","#aaa"),("#223","#335","#558","#77b","#aad"))
def series_colour(t,i): return t.series[i%len(t.series)]
def ordered_colours(t,n): return (["#ddd"]+list(t.sequential[1:])*3)[:n]
def text_on(c): return "#000"
def number(v,l,d): return f"{v:,.{d}f}".replace(","," ") if l=="fr" else f"{v:,.{d}f}"
def share(v,l): return f"{round(v*100)} %"
def points(d,l): return f"{round(d*100):+d} pts"
def mean(v,l): return f"{v:.1f}"
def count(n,l): return f"n = {n}"
def interval(a,b,l): return f"{round(a*100)} à {round(b*100)} %"
def stack(v): return [round(100*x) for x in v]

"""The documents of the demonstration, as the two ERP systems write them: one order, and everything that follows from it."""

from datetime import date, timedelta

ORDER = """\
# The retailer's ERP orders 24 notebooks and 6 cases of pencils.
HDR,ORDER,{po},original,new_order,,{today},USD,,,,,,N,CC,,,,,,{later},{latest},,,182.40
TRM,01,3,2,,10,,30,
PTY,buyer,Example Stores,92,EXAMPLE,,,,,,,,,,,
PTY,ship_to,Example Stores DC 4,92,0042,,1 Dock Road,,Springfield,IL,62701,US,,,,
NTE,Deliver at dock 7
LIN,1,24,EA,3.10,,B000123,SKU-77,4006381333931,Notebook A5,,
LIN,2,6,CA,18.00,,B000124,SKU-78,036000291452,"Pencils, ""soft"", box of 12",12,
TOT,2,30
"""
ORDER_RESPONSE = """\
# The supplier's ERP confirms line 1 in two parts and line 2 whole.
HDR,ORDER_RESPONSE,{po},original,detail_with_change,{today},,SO-9001,{today},USD
PTY,seller,Example Supplier,92,V123,,,,,,,,,,,
LIN,1,24,EA,3.10,,B000123,SKU-77,,
STA,accepted,20,EA,068,{soon},
STA,backordered,4,EA,068,{later},
LIN,2,6,CA,18.00,,B000124,SKU-78,,
STA,accepted,6,CA,068,{soon},
TOT,2,30
"""
SHIP_NOTICE = """\
# One carton with what line 1 has in stock, one with line 2.
HDR,SHIP_NOTICE,SHP-{po},original,{today},0915,shipment_order_pack_item,{today},{soon},BOL-55,,RDWY,M,,CTN25,2,12.5,LB
PTY,ship_from,Example Supplier DC,92,W1,,,,,,,,,,,
PTY,ship_to,Example Stores DC 4,92,0042,,1 Dock Road,,Springfield,IL,62701,US,,,,
ORD,{po},,{today},,SO-9001
PCK,003456789012345670,,,,
ITM,1,B000123,SKU-77,,20,EA,24,,,
PCK,003456789012345687,,,,
ITM,2,B000124,SKU-78,,6,CA,6,,,
TOT,6,26
"""
INVOICE = """\
# What was shipped, and the freight.
HDR,INVOICE,INV-{po},{today},{po},{today},,invoice,USD,BOL-55,{today},,,,195.00
TRM,01,3,2,,10,,30,
PTY,bill_to,Example Stores,92,EXAMPLE,,,,,,,,,,,
PTY,remit_to,Example Supplier,92,V123,,,,,,,,,,,
LIN,1,20,EA,3.10,,B000123,SKU-77,,Notebook A5
LIN,2,6,CA,18.00,,B000124,SKU-78,,Pencils
SAC,charge,D240,25.00,,,06,Freight
TOT,2,26
"""
CREDIT = """\
# The supplier credits four notebooks that came damaged.
HDR,ADJUSTMENT,CM-{po},{today},O,12.40,credit,{today},INV-{po},,{today},{po},original,credit_memo,,,USD
PTY,seller,Example Supplier,92,V123,,,,,,,,,,,
LIN,01,credit,1,12.40,4,EA,CON,3.10,B000123,SKU-77,
"""
CLAIM = """\
# The retailer takes a shortage of one case off its next payment.
HDR,ADJUSTMENT,DM-{po},{today},O,18.00,debit,{today},INV-{po},,{today},{po},original,debit_memo,,,USD
PTY,buyer,Example Stores,92,EXAMPLE,,,,,,,,,,,
LIN,02,debit,1,18.00,1,CA,CON,18.00,B000124,SKU-78,
"""


def fill(paper: str, po: str, today: date) -> str:
    """A document for this order and day. Shape: dates as CCYYMMDD."""
    days = {"today": 0, "soon": 2, "later": 7, "latest": 14}
    return paper.format(po=po, **{word: f"{today + timedelta(days=ahead):%Y%m%d}" for word, ahead in days.items()})

"""TIM-034, TIM-035: state-owned assets are listed for less than 10 or 20 working days, by their price (RSN-PROP-009).

As TIM-032 reads the period. Assets of at most a million yuan have no period.
"""

from validators.listed import SHORTER, Listing

RULES = Listing(
    ids=("TIM-034", "TIM-035"),
    dataset="LISTING_PUB_INFO",
    subject_zh="资产转让信息公告",
    subject_en="the notice of an asset transfer",
    legal_source="企业国有资产交易监督管理办法（国资委财政部令32号）资产转让条款",
    least=((10_000_000, 20), (1_000_000, 10)),
    enough=(
        {"published": "20260302", "days": "10", "amount": "1000", "unit": "1"},
        {"published": "20260302", "days": "20", "amount": "10000000.01", "unit": "0"},
        {"published": "20260302", "days": "1", "amount": "1000000", "unit": "0"},
        {"published": "20260302", "days": "1", "amount": "5000", "unit": "1", "form": "2"},
    ),
    short_by_one=(
        {"published": "20260302", "days": "9", "amount": "500", "unit": "1"},
        {"published": "20260302", "days": "19", "amount": "1001", "unit": "1"},
    ),
    shorter=({"published": "20260302", "days": "8", "amount": "500", "unit": "1"}, *SHORTER),
).rules()

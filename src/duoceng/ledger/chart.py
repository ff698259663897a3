"""The chart of accounts: who holds the money, by name.

    fund/<region>/<payer>          pooled fund of a place, by the national code of the fund payment type
    insurer/<product>/<insurer>    an insurer's share of a product
    hospital/<code>                what a designated institution is owed
    account/<member>               personal account (职工个人账户)
    wallet/<member>                medical insurance wallet (医保钱包)
    cash/<member>                  what the member pays out of the purse, or is paid in cash
    transit/<what>                 money on its way between two books: `transit/help/<member>`, `transit/wallet`
    rebate/<maker>                 what a maker gives back (药企返还)
    income/<region>                where monthly credits and interest come from
    premium/<region>               premiums paid for members

Balances of `account/` and `wallet/` never fall below nothing. Funds, insurers and hospitals have no floor while bills are settled:
their balances are the sums of their transfers, so that no two settlements wait for each other at one row.
"""

HELP = "transit/help/"
FLOORED = ("account/", "wallet/")


def fund(region: str, payer: str) -> str:
    """A pooled fund: place and national fund payment type (`fund_pay_type`)."""
    return f"fund/{region}/{payer}"


def insurer(product: str, name: str) -> str:
    """One insurer of a product."""
    return f"insurer/{product}/{name}"


def hospital(code: str) -> str:
    """A designated institution (`fixmedins_code`)."""
    return f"hospital/{code}"


def personal(member: str) -> str:
    """The personal account of a member of the employee scheme."""
    return f"account/{member}"


def wallet(member: str) -> str:
    """A member's wallet."""
    return f"wallet/{member}"


def cash(member: str) -> str:
    """The member's own money."""
    return f"cash/{member}"


def transit(what: str) -> str:
    """Money between two books."""
    return f"transit/{what}"


def help_of(member: str) -> str:
    """What a relative has given for a bill of another, until it is evened out."""
    return f"{HELP}{member}"


def income(region: str) -> str:
    """Where the monthly credits and the interest of a place come from."""
    return f"income/{region}"


def rebate(maker: str) -> str:
    """What a maker gives back."""
    return f"rebate/{maker}"


def premium(region: str) -> str:
    """Premiums paid to a place."""
    return f"premium/{region}"


def has_floor(account: str) -> bool:
    """May this account never fall below nothing?"""
    return account.startswith(FLOORED)


def owner(account: str) -> str:
    """Whose account it is: the last part of the name."""
    return account.rpartition("/")[2]

"""What can be asked of accounts and wallets: credited, paid out of, sent, accepted, called back."""

from duoceng.desk import wallets
from duoceng.desk.asks import Receipt
from duoceng.interfaces.rest import models
from duoceng.interfaces.rest.acts import Answer, Asked, answered
from duoceng.interfaces.rest.concern import Concern


def credit(asked: Asked, concern: Concern) -> Answer:
    """Credit a personal account."""
    body: models.CreditIn = asked.body
    receipt = wallets.credit(asked.service.desk, concern.member, body.amount, body.purpose, asked.call)
    return answered(receipt, asked, concern)


def pay_premium(asked: Asked, concern: Concern) -> Answer:
    """Pay a premium out of the account."""
    body: models.PremiumIn = asked.body
    receipt = wallets.pay_premium(asked.service.desk, concern.member, body.relative, body.amount, asked.call)
    return answered(receipt, asked, concern)


def send(asked: Asked, concern: Concern) -> Answer:
    """Offer money to a relative's wallet; the number of the sending stands in `drawn`."""
    body: models.SendIn = asked.body
    sending = wallets.Sending(concern.member, body.to, body.amount)
    return answered(wallets.send(asked.service.desk, sending, asked.call), asked, concern)


def accept(asked: Asked, concern: Concern) -> Answer:
    """Take what was offered. The sending itself is the key: accepted again, it is answered again."""
    body: models.AcceptIn = asked.body
    receipt = wallets.accept(asked.service.desk, concern.member, body.sender, body.number, asked.caller.name)
    return answered(receipt, asked, concern)


def recall(asked: Asked, concern: Concern) -> Answer:
    """Call back what was offered. The sending itself is the key, here too."""
    body: models.RecallIn = asked.body
    wallets.call_back(asked.service.desk, concern.member, body.number)
    return answered(Receipt("void", concern.member, "", 0, drawn=((str(body.number), 0),)), asked, concern)
